"""Parquet between this library and Python: pyarrow writes fixtures, and pyarrow and nested-pandas read what we write.

    python tests/peers/formats_parquet.py write tests/formats/parquet/fixtures
    deno run -A tests/peers/formats_parquet.ts FOLDER && python tests/peers/formats_parquet.py read FOLDER

`read` ends with "all equal" or a failed assertion. Needs pyarrow and nested-pandas as pinned in requirements_formats.txt.
"""

import json
import math
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def curves(rng, objects, bands=("g", "r", "i")):
    """Rows of objects with lists, the second object without observations."""
    counts = rng.integers(3, 9, objects)
    counts[1] = 0
    rows = []
    for k, n in enumerate(counts):
        rows.append(dict(
            diaObjectId=9007199254740993 + 2 * k,
            name=f"object {k}",
            redshift=None if k == 2 else round(float(rng.uniform(0, 1)), 6),
            hosts=int(rng.integers(0, 5)),
            spectroscopic=bool(k % 2),
            mjd=np.sort(rng.uniform(60000, 60100, n)).tolist(),
            band=[bands[int(b)] for b in rng.integers(0, len(bands), n)],
            flux=[float(np.float32(x)) for x in rng.normal(100, 30, n)],
            fluxerr=[float(np.float32(x)) for x in rng.uniform(1, 5, n)],
            flags=rng.integers(0, 16, n).tolist(),
        ))
    return rows


SCHEMA = pa.schema([
    ("diaObjectId", pa.int64()), ("name", pa.string()), ("redshift", pa.float64()), ("hosts", pa.int16()),
    ("spectroscopic", pa.bool_()), ("mjd", pa.list_(pa.float64())), ("band", pa.list_(pa.string())),
    ("flux", pa.list_(pa.float32())), ("fluxerr", pa.list_(pa.float32())), ("flags", pa.list_(pa.uint8())),
])


def write(folder):
    rng = np.random.default_rng(7)
    rows = curves(rng, 12)
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    plain = dict(use_dictionary=False, compression="none")
    numbers = ["mjd.list.element", "flux.list.element", "fluxerr.list.element"]
    variants = {
        "plain": plain,
        "dictionary": dict(use_dictionary=True, compression="none"),
        "snappy": dict(compression="snappy"),
        "gzip": dict(compression="gzip"),
        "zstd": dict(compression="zstd"),
        "brotli": dict(compression="brotli"),
        "pages_v2": dict(compression="snappy", data_page_version="2.0", data_page_size=64),
        "row_groups": dict(compression="snappy", row_group_size=5),
        "split": dict(compression="zstd", use_dictionary=False, use_byte_stream_split=numbers),
        "delta": dict(compression="none", use_dictionary=False, column_encoding={
            "diaObjectId": "DELTA_BINARY_PACKED", "hosts": "DELTA_BINARY_PACKED",
            "flags.list.element": "DELTA_BINARY_PACKED", "mjd.list.element": "PLAIN"}),
    }
    for name, options in variants.items():
        pq.write_table(table, folder / f"{name}.parquet", **options)
    struct = pa.StructArray.from_arrays(
        [table[n].combine_chunks() for n in ("mjd", "band", "flux", "fluxerr", "flags")],
        names=["mjd", "band", "flux", "fluxerr", "flags"])
    nested = table.select(["diaObjectId", "name", "redshift", "hosts", "spectroscopic"])
    pq.write_table(nested.append_column("lightcurve", struct), folder / "struct.parquet")
    flat = [dict(diaObjectId=r["diaObjectId"], **{n: r[n][j] for n in ("mjd", "band", "flux", "fluxerr", "flags")})
            for r in rows for j in range(len(r["mjd"]))]
    flat_schema = pa.schema([("diaObjectId", pa.int64()), ("mjd", pa.float64()), ("band", pa.string()),
                             ("flux", pa.float32()), ("fluxerr", pa.float32()), ("flags", pa.uint8())])
    pq.write_table(pa.Table.from_pylist(flat, schema=flat_schema), folder / "rows.parquet", row_group_size=7)
    # Nulls where they may stand: in lists, as lists, as texts.
    holes = [dict(id="a", mjd=[1.0, 2.0, 3.0], mag=[15.0, None, 16.0], note=None),
             dict(id="b", mjd=None, mag=None, note="x"), dict(id="c", mjd=[], mag=[], note="")]
    hole_schema = pa.schema([("id", pa.string()), ("mjd", pa.list_(pa.float64())), ("mag", pa.list_(pa.float64())),
                             ("note", pa.string())])
    pq.write_table(pa.Table.from_pylist(holes, schema=hole_schema), folder / "nulls.parquet")
    pq.write_table(pa.table({"x": pa.array([[[1.0]], [[2.0], []]])}), folder / "lists_of_lists.parquet")
    for row in rows:
        row["diaObjectId"] = str(row["diaObjectId"])
    (folder / "expected.json").write_text(json.dumps(rows))


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return a == b


def read(folder):
    import nested_pandas

    expected = json.loads((folder / "expected.json").read_text(),
                          parse_constant=float)
    for name in ("lists", "struct", "numbers"):
        rows = pq.read_table(folder / f"{name}.parquet").to_pylist()
        assert len(rows) == len(expected)
        for row, want in zip(rows, expected):
            lists = row["lightcurve"] if name == "struct" else row
            assert row["id"] == want["id"] and row["class"] == want["class"] and row["host"] == want["host"]
            assert same(row["redshift"], float(want["redshift"]))
            for column in ("mjd", "flux", "fluxerr", "flags"):
                assert len(lists[column]) == len(want[column]), (name, column)
                assert all(same(type(b)(a), b) for a, b in zip(want[column], lists[column])), (name, column)
            bands = [("g", "r", "i")[b] for b in lists["band"]] if name == "numbers" else lists["band"]
            assert bands == want["band"]
    frame = nested_pandas.read_parquet(folder / "struct.parquet")
    assert frame.nested_columns == ["lightcurve"], frame.nested_columns
    fluxes = frame["lightcurve.flux"]
    assert fluxes.tolist() == [float(x) for row in expected for x in row["flux"]]
    bright = frame.query("lightcurve.flux > 900")["lightcurve.flux"]
    assert len(bright) == sum(float(x) > 900 for row in expected for x in row["flux"]) > 0
    rows = pq.read_table(folder / "rows.parquet").to_pylist()
    assert [r["mjd"] for r in rows] == [x for w in expected for x in w["mjd"]]
    table = pq.read_table(folder / "table.parquet").to_pydict()
    assert table["name"] == ["a", "", "ż"] and table["z"][0] == 0.5 and math.isnan(table["z"][1])
    print("all equal")


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](pathlib.Path(sys.argv[2]))
