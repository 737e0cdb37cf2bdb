"""Alerts of ZTF, LSST and ELAsTiCC as fastavro writes them, with the field names and types of the surveys' public schemas.

    python tests/peers/formats_avro.py tests/formats/fixtures/avro

Only the fields that carry light curves, positions and stamps are here, with some of the others; the values are random.
Needs fastavro and cramjam as pinned in requirements_formats.txt.
"""

import gzip
import json
import pathlib
import sys

import fastavro
import numpy as np

rng = np.random.default_rng(3)
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def optional(kind):
    return ["null", kind]


def fields(required, nullable, last=False):
    both = (lambda t: [t, "null"]) if last else optional
    return [dict(name=n, type=t) for n, t in required.items()] + [
        dict(name=n, type=both(t)) for n, t in nullable.items()]


def single(x):
    return float(np.float32(x))


# ZTF
CANDIDATE = dict(jd="double", fid="int", pid="long", isdiffpos="string", ra="double", dec="double", magpsf="float",
                 sigmapsf="float", candid="long", programid="int")
CANDIDATE_NULL = dict(diffmaglim="float", rb="float", drb="float", classtar="float", sgscore1="float", rcid="int")
ztf = dict(type="record", name="alert", namespace="ztf", fields=[
    dict(name="schemavsn", type="string"), dict(name="publisher", type="string"), dict(name="objectId", type="string"),
    dict(name="candid", type="long"),
    dict(name="candidate", type=dict(type="record", name="candidate", namespace="ztf.alert",
                                     fields=fields(CANDIDATE, CANDIDATE_NULL, last=True))),
    dict(name="prv_candidates", type=[dict(type="array", items=dict(
        type="record", name="prv_candidate", namespace="ztf.alert",
        fields=fields(dict(jd="double", fid="int", pid="long", programid="int"), dict(
            diffmaglim="float", isdiffpos="string", candid="long", magpsf="float", sigmapsf="float", ra="double",
            dec="double", rcid="int"), last=True))), "null"], default=None),
    dict(name="fp_hists", type=[dict(type="array", items=dict(
        type="record", name="fp_hist", namespace="ztf.alert",
        fields=fields(dict(fid="int", pid="long", programid="int", jd="double"), dict(
            rcid="int", magzpsci="float", forcediffimflux="float", forcediffimfluxunc="float", diffmaglim="float",
            procstatus="string")))), "null"], default=None),
    dict(name="cutoutScience", type=[dict(type="record", name="cutout", namespace="ztf.alert", fields=[
        dict(name="fileName", type="string"), dict(name="stampData", type="bytes")]), "null"], default=None),
    dict(name="cutoutTemplate", type=["ztf.alert.cutout", "null"], default=None),
    dict(name="cutoutDifference", type=["ztf.alert.cutout", "null"], default=None),
])


def stamp(name):
    return gzip.compress(b"not really FITS: " + name.encode(), mtime=0)


def ztf_alert(name, start, count):
    previous = []
    for k in range(count):
        seen = k % 3 != 1
        previous.append(dict(
            jd=start + 3 * k, fid=1 + k % 3, pid=10_000 + k, programid=1, diffmaglim=single(20.5),
            isdiffpos=("t", "f", "1", "0")[k % 4] if seen else None,
            candid=2_000_000_000_000_000_000 + int(start) * 1000 + k if seen else None,
            magpsf=single(rng.uniform(17, 20)) if seen else None, sigmapsf=single(0.1) if seen else None,
            ra=10.5 if seen else None, dec=-20.25 if seen else None, rcid=7))
    forced = [dict(fid=1 + k % 2, pid=20_000 + k, programid=1, jd=start + 3 * k + 0.5, rcid=7, magzpsci=single(26.2 + 0.01 * k),
                   forcediffimflux=None if k == 2 else single(rng.normal(100, 30)),
                   forcediffimfluxunc=None if k == 2 else single(12.5), diffmaglim=single(20.4), procstatus="0")
              for k in range(count)]
    last = start + 3 * count
    candid = 2_000_000_000_000_000_000 + int(start) * 1000 + count
    return dict(
        schemavsn="4.02", publisher="test", objectId=name, candid=candid,
        candidate=dict(jd=last, fid=2, pid=10_000 + count, isdiffpos="t", ra=10.5, dec=-20.25, magpsf=single(18.25),
                       sigmapsf=single(0.05), candid=candid, programid=1, diffmaglim=single(20.5), rb=single(0.9),
                       drb=None if name.endswith("b") else single(0.99), classtar=None, sgscore1=single(0.1), rcid=7),
        prv_candidates=previous if count else None, fp_hists=forced if count else None,
        cutoutScience=dict(fileName="s.fits.gz", stampData=stamp(f"{name} science")),
        cutoutTemplate=dict(fileName="t.fits.gz", stampData=stamp(f"{name} template")), cutoutDifference=None)


# The second alert of the first object repeats what the first says, and adds to it.
ztf_alerts = [ztf_alert("ZTF20aaaaaaa", 2459000.7, 4), ztf_alert("ZTF20aaaaaab", 2459100.25, 3),
              ztf_alert("ZTF20aaaaaac", 2459200.0, 0)]
again = json.loads(json.dumps(ztf_alerts[0], default=lambda b: None))
again["prv_candidates"] = again["prv_candidates"] + [dict(
    jd=again["candidate"]["jd"], fid=2, pid=again["candidate"]["pid"], programid=1, diffmaglim=single(20.5), isdiffpos="t",
    candid=again["candid"], magpsf=single(18.25), sigmapsf=single(0.05), ra=10.5, dec=-20.25, rcid=7)]
again["candidate"].update(jd=again["candidate"]["jd"] + 2, candid=again["candid"] + 1, rb=single(0.5), fid=1)
again["candid"] += 1
again["cutoutScience"] = again["cutoutTemplate"] = None
ztf_alerts.append(again)

# LSST
SOURCE = dict(diaSourceId="long", visit="long", detector="int", midpointMjdTai="double", ra="double", dec="double", x="float")
SOURCE_NULL = dict(diaObjectId="long", ssObjectId="long", parentDiaSourceId="long", raErr="float", snr="float",
                   psfFlux="float", psfFluxErr="float", band="string", isNegative="boolean", reliability="float")
lsst = dict(type="record", name="alert", namespace="lsst.v10_0", fields=[
    dict(name="diaSourceId", type="long"), dict(name="observation_reason", type=optional("string"), default=None),
    dict(name="diaSource", type=dict(type="record", name="diaSource", namespace="lsst.v10_0",
                                     fields=fields(SOURCE, SOURCE_NULL))),
    dict(name="prvDiaSources", type=optional(dict(type="array", items="lsst.v10_0.diaSource")), default=None),
    dict(name="prvDiaForcedSources", type=optional(dict(type="array", items=dict(
        type="record", name="diaForcedSource", namespace="lsst.v10_0",
        fields=fields(dict(diaForcedSourceId="long", diaObjectId="long", ra="double", dec="double", visit="long",
                           detector="int", midpointMjdTai="double"),
                      dict(psfFlux="float", psfFluxErr="float", band="string"))))), default=None),
    dict(name="diaObject", type=optional(dict(
        type="record", name="diaObject", namespace="lsst.v10_0",
        fields=fields(dict(diaObjectId="long", ra="double", dec="double", nDiaSources="int"),
                      dict(g_psfFluxMean="float", r_psfFluxMean="float")))), default=None),
    dict(name="cutoutDifference", type=optional("bytes"), default=None),
    dict(name="cutoutScience", type=optional("bytes"), default=None),
    dict(name="cutoutTemplate", type=optional("bytes"), default=None),
])


def dia_source(number, obj, mjd, k, ss=None):
    return dict(diaSourceId=number, visit=2025000 + k, detector=94, midpointMjdTai=mjd, ra=150.1, dec=2.2, x=single(12.5),
                diaObjectId=obj, ssObjectId=ss, parentDiaSourceId=None, raErr=None, snr=single(8.5),
                psfFlux=None if k == 1 else single(rng.normal(900, 50)), psfFluxErr=None if k == 1 else single(30.5),
                band="ugrizy"[k % 6], isNegative=False, reliability=single(0.75))


def lsst_alert(obj, count, first, ss=None):
    sources = [dia_source(first + k, obj, 61000.25 + 2 * k, k, ss) for k in range(count + 1)]
    forced = [dict(diaForcedSourceId=first + 500 + k, diaObjectId=obj, ra=150.1, dec=2.2, visit=2024000 + k, detector=94,
                   midpointMjdTai=60990.5 + k, psfFlux=single(rng.normal(5, 20)), psfFluxErr=single(20.25), band="ri"[k % 2])
              for k in range(count)] if obj else None
    return dict(
        diaSourceId=first + count, observation_reason=None, diaSource=sources[-1], prvDiaSources=sources[:-1] or None,
        prvDiaForcedSources=forced,
        diaObject=dict(diaObjectId=obj, ra=150.1, dec=2.2, nDiaSources=count + 1, g_psfFluxMean=single(880), r_psfFluxMean=None)
        if obj else None,
        cutoutDifference=stamp("difference"), cutoutScience=stamp("science"), cutoutTemplate=None)


lsst_alerts = [lsst_alert(170_000_000_000_000_001, 6, 170_000_000_000_001_000), lsst_alert(170_000_000_000_000_003, 0, 5000),
               lsst_alert(None, 0, 6000, ss=21_164_614_000_000_777)]

# ELAsTiCC
elasticc = dict(type="record", name="alert", namespace="elasticc.v0_9", fields=[
    dict(name="alertId", type="long"),
    dict(name="diaSource", type=dict(type="record", name="diaSource", namespace="elasticc.v0_9", fields=fields(
        dict(diaSourceId="long", midPointTai="double", filterName="string", ra="double", decl="double", psFlux="float",
             psFluxErr="float", snr="float"), dict(diaObjectId="long")))),
    dict(name="prvDiaSources", type=optional(dict(type="array", items="elasticc.v0_9.diaSource")), default=None),
    dict(name="prvDiaForcedSources", type=optional(dict(type="array", items=dict(
        type="record", name="diaForcedSource", namespace="elasticc.v0_9", fields=fields(
            dict(diaForcedSourceId="long", midPointTai="double", filterName="string", psFlux="float", psFluxErr="float"),
            dict(diaObjectId="long"))))), default=None),
    dict(name="diaObject", type=optional(dict(type="record", name="diaObject", namespace="elasticc.v0_9", fields=fields(
        dict(diaObjectId="long", ra="double", decl="double"), dict(mwebv="float", z_final="float"))))),
])


def elasticc_source(k):
    return dict(diaSourceId=700 + k, midPointTai=60600.5 + k, filterName="ugrizY"[k % 6], ra=1.5, decl=-2.5,
                psFlux=single(100 + k), psFluxErr=single(3), snr=single(30), diaObjectId=77)


elasticc_alerts = [dict(alertId=1, diaSource=elasticc_source(6), prvDiaSources=[elasticc_source(k) for k in range(6)],
                        prvDiaForcedSources=[dict(diaForcedSourceId=9, midPointTai=60590.0, filterName="g",
                                                  psFlux=single(-1.5), psFluxErr=single(2), diaObjectId=77)],
                        diaObject=dict(diaObjectId=77, ra=1.5, decl=-2.5, mwebv=single(0.02), z_final=None))]

other = dict(type="record", name="measurement", namespace="weather", fields=[
    dict(name="kind", type=dict(type="enum", name="Kind", symbols=["wind", "rain"])),
    dict(name="tags", type=dict(type="map", values="long")), dict(name="mark", type=dict(type="fixed", name="Mark", size=3)),
    dict(name="next", type=["null", "weather.measurement"]), dict(name="wide", type="long"), dict(name="yes", type="boolean")])
other_values = [dict(kind="rain", tags={"a": -1, "ż": 2}, mark=b"abc", wide=-2**63, yes=True, next=dict(
    kind="wind", tags={}, mark=b"def", wide=2**53, yes=False, next=None))]

for name, schema, values, codecs in (
        ("ztf", ztf, ztf_alerts, ("null", "deflate", "snappy")), ("lsst", lsst, lsst_alerts, ("null", "deflate", "snappy")),
        ("elasticc", elasticc, elasticc_alerts, ("null",)), ("other", other, other_values, ("null", "bzip2"))):
    parsed = fastavro.parse_schema(schema)
    for codec in codecs:
        with open(folder / f"{name}_{codec}.avro", "wb") as file:
            fastavro.writer(file, parsed, values, codec=codec, metadata={"origin": "test"}, sync_marker=b"0123456789abcdef",
                            sync_interval=2000)


def plain(value):
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"long": str(value)}
    return value


expected = {}
for path in sorted(folder.glob("*_null.avro")):
    with open(path, "rb") as file:
        expected[path.stem.removesuffix("_null")] = plain(list(fastavro.reader(file)))
(folder / "expected.json").write_text(json.dumps(expected))
