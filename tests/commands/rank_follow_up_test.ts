import assert from "node:assert/strict";
import { airmassAt, APACHE_POINT, darkHours, visibility } from "ephemera/chapters/follow_up";
import { Random } from "ephemera/core";
import { formatTargets, rankFollowUp } from "../../lib/commands/rank_follow_up.ts";

async function inFolder(work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Two classes: stars that vary much and little; a colour tells more of the class. */
function madeUp() {
  const random = new Random(4),
    curves = ["id,mjd,mag,magerr,ra,dec"],
    table = ["id,class,Std,MaxSlope,colour"];
  for (let i = 0; i < 60; i++) {
    const much = i % 2 === 1, std = (much ? 0.3 : 0.22) + random.normal(0, 0.05);
    table.push(
      `t${i},${much ? "RRab" : "RRc"},${std},${1.6 * std + random.normal(0, 0.03)},${
        (much ? 0.6 : 0.2) + random.normal(0, 0.1)
      }`,
    );
  }
  for (let i = 0; i < 8; i++) {
    for (let k = 0; k < 30; k++) {
      curves.push(
        `o${i},${55000 + k},${16 + 0.4 * Math.sin(i + 1.7 * k)},0.02,${40 * i},${i === 7 ? -85 : 20}`,
      );
    }
  }
  curves.push("lonely,55000,16,0.02,10,10");
  return { curves: curves.join("\n"), table: table.join("\n") };
}

const night = { mjd: 60300.3, ...APACHE_POINT };

Deno.test("light curves are ranked by the features the model knows, and scheduled while they are up", () =>
  inFolder(async (folder) => {
    const { curves, table } = madeUp(), input = `${folder}/curves.csv`, path = `${folder}/table.csv`;
    await Deno.writeTextFile(input, curves);
    await Deno.writeTextFile(path, table);
    const train = {
      path,
      label: "class",
      known: ["Std", "MaxSlope"],
      reveals: ["colour"],
      name: "one more colour",
    };
    const base = { input, kind: "light curves" as const, seed: 1, workers: 1, strategy: "entropy" };
    const save = `${folder}/model`, first = await rankFollowUp({ ...base, train, quick: true, save });
    assert.equal(first.targets.length + first.left.length, 9);
    assert.deepEqual(first.left.map(({ id }) => id), ["lonely"]);
    assert.match(first.left[0].reason, /observations|MaxSlope/);
    assert.ok(first.targets.every(({ cost, start }) => cost === null && start === undefined));
    // The kept model ranks the same features, given as a table, the same.
    const kept = await rankFollowUp({ ...base, model: save });
    assert.deepEqual(kept, first);
    const planned = await rankFollowUp({ ...base, model: save, magnitude: "mag", night });
    assert.ok(
      planned.left.some(({ id, reason }) => id === "o7" && /never at an airmass of at most 2/.test(reason)),
    );
    assert.ok(planned.targets.length >= 2);
    const dark = darkHours(night.mjd, APACHE_POINT)!;
    let free = dark.from;
    for (const { id, start, cost, airmass } of planned.targets) {
      const place = { ra: 40 * Number(id.slice(1)), dec: 20 }, up = visibility(place, dark, APACHE_POINT);
      const end = start! + cost! / 86400, slack = 1e-9;
      assert.ok(start! >= Math.max(free, up.window!.from) - slack && end <= up.window!.to + slack, id);
      assert.ok(Math.abs(airmass! - airmassAt(place, (start! + end) / 2, APACHE_POINT)) < 1e-9);
      assert.ok(airmass! >= 1 && airmass! <= up.greatestAirmass + 1e-9 && up.greatestAirmass < 2.01);
      free = end;
    }
    const csv = formatTargets(planned.targets, "csv").trim().split("\n");
    assert.equal(csv.length, planned.targets.length + 1);
    assert.match(csv[0], /^rank,id,label,.*,gainPerHour,start,airmass,reason$/);
    assert.equal(Number(csv[1].split(",")[10]), planned.targets[0].start);
    assert.doesNotMatch(formatTargets(first.targets, "csv"), /airmass/);
    assert.deepEqual(JSON.parse(formatTargets(planned.targets, "json")), planned.targets);
    // Less telescope time is the beginning of the night.
    const brief = await rankFollowUp({ ...base, model: save, magnitude: "mag", night, hours: 1 });
    for (const { start, cost } of brief.targets) {
      assert.ok(start! + cost! / 86400 <= dark.from + 1 / 24 + 1e-9);
    }
  }));

Deno.test("what cannot be ranked or scheduled is said in a sentence", () =>
  inFolder(async (folder) => {
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return `${folder}/${name}`;
    };
    const good = await write("good.csv", "id,p_A,p_B,mag,ra,dec\na,0.5,0.5,16,80,20\nb,0.9,0.1,17,80,20\n");
    const base = { input: good, kind: "probabilities" as const, seed: 1 };
    assert.equal((await rankFollowUp(base)).targets[0].id, "a");
    await assert.rejects(rankFollowUp({ ...base, night }), /a column of magnitudes for a night, found none/);
    await assert.rejects(
      rankFollowUp({ ...base, magnitude: "mag", night: { ...night, ra: "alpha" } }),
      /a column "alpha"/,
    );
    await assert.rejects(
      rankFollowUp({ ...base, magnitude: "mag", night: { mjd: 60480, longitude: 0, latitude: 80 } }),
      /the Sun sinks 18 degrees/,
    );
    await assert.rejects(
      rankFollowUp({ ...base, strategy: "random", magnitude: "mag", night }),
      /values objects/,
    );
    await assert.rejects(rankFollowUp({ ...base, strategy: "gain" }), /the strategy entropy or random/);
    await assert.rejects(rankFollowUp({ ...base, magnitude: "V" }), /a column "V"/);
    // An empty field is no magnitude of zero, and no probability of zero, beside text in the same column or not.
    for (const fields of ["0.9,0.1,,80,20\nc,0.8,0.2,faint,80,20", "0.9,0.1,,80,20"]) {
      const input = await write("empty.csv", `id,p_A,p_B,mag,ra,dec\nb,${fields}\n`);
      await assert.rejects(rankFollowUp({ ...base, input, magnitude: "mag" }), /a magnitude.*object b/);
    }
    const sums = await write("sums.csv", "id,p_A,p_B\na,0.5,0.6\n");
    await assert.rejects(rankFollowUp({ ...base, input: sums }), /sum to 1, found 0.5, 0.6.*object a/);
    const blank = await write("blank.csv", "id,p_A,p_B\na,1,\nb,x,0\n");
    await assert.rejects(rankFollowUp({ ...base, input: blank }), /object a/);
    const one = await write("one.csv", "id,p_A\na,1\n");
    await assert.rejects(rankFollowUp({ ...base, input: one }), /two columns named p_CLASS/);
  }));
