/** Which object to observe first: `deno task rank-follow-up TABLE`. */
import process from "node:process";
import { numberOption, parseArguments, refuse, writeAtomically } from "ephemera/commands";
import { EphemeraError } from "ephemera/core";
import { formatTargets, rankFollowUp } from "../lib/commands/rank_follow_up.ts";

const USAGE = `
Usage: deno task rank-follow-up [options] TABLE

Ranks objects for a follow-up (a spectrum, one more colour, one more epoch) by what it is expected to tell of their class.
TABLE is a CSV of features (a column each, and "id"), packed by gzip or not.

  --probabilities      TABLE has a column p_CLASS for each class instead (ranked by entropy, no model needed)
  --light-curves       TABLE has light curves, an observation a row; the model's features are extracted
  --model DIR          a saved model
  --train TABLE        fit a model on this labelled table instead, with
    --class COLUMN       its classes (default class)
    --known A,B,...      the features known of every object
    --reveals C,D,...    the features that the follow-up reveals, empty for objects without it
    --quick              the quick reduction instead of the paper's size
    --save DIR           keep the model there
  --id COLUMN          identifiers (default id)
  --strategy NAME      default "entropy + change"
  --seed N             default 1
  --magnitude COLUMN   magnitudes, for the cost in telescope time
  --airmass X          airmass of all, or a column of airmasses (default 1.2)
  --snr X              signal-to-noise ratio wanted (default 20)
  --hours X            list the best choice within this telescope time
  --night MJD          list what can be observed in this night, with start (MJD) and airmass; needs --magnitude and
    --site=LON,LAT       east longitude and latitude in degrees (default -105.82,32.78, Apache Point)
    --ra COLUMN          right ascension in degrees (default ra)
    --dec COLUMN         declination in degrees (default dec)
    --airmass-limit X    greatest airmass (default 2)
  --top N              the first N only
  --format csv|json    default: by the ending of --out, else csv
  --out FILE           write there instead of standard output
`;

const { values, positionals } = parseArguments(Deno.args, USAGE, {
  probabilities: { type: "boolean", default: false },
  "light-curves": { type: "boolean", default: false },
  model: { type: "string" },
  train: { type: "string" },
  class: { type: "string", default: "class" },
  known: { type: "string", default: "" },
  reveals: { type: "string", default: "" },
  quick: { type: "boolean", default: false },
  save: { type: "string" },
  id: { type: "string", default: "id" },
  strategy: { type: "string" },
  seed: { type: "string", default: "1" },
  magnitude: { type: "string" },
  airmass: { type: "string" },
  snr: { type: "string", default: "20" },
  hours: { type: "string" },
  night: { type: "string" },
  site: { type: "string", default: "-105.82,32.78" },
  ra: { type: "string", default: "ra" },
  dec: { type: "string", default: "dec" },
  "airmass-limit": { type: "string", default: "2" },
  top: { type: "string" },
  format: { type: "string" },
  out: { type: "string" },
});
if (positionals.length !== 1) refuse(`Expected one table, found ${positionals.length}.`, USAGE);
if (values.probabilities && values["light-curves"]) refuse("Expected one kind of table, found two.", USAGE);
const format = values.format ?? (values.out?.endsWith(".json") ? "json" : "csv");
if (format !== "csv" && format !== "json") refuse(`Expected csv or json, found "${format}".`, USAGE);
if (values.hours !== undefined && values.magnitude === undefined) {
  refuse("Expected --magnitude with --hours: without costs there is nothing to fill the time with.", USAGE);
}
if (values.night !== undefined && values.magnitude === undefined) {
  refuse("Expected --magnitude with --night: without costs nothing can be scheduled.", USAGE);
}
const site = values.site.split(",").map(Number);
if (site.length !== 2 || !site.every(Number.isFinite) || Math.abs(site[1]) > 90) {
  refuse(`Expected an east longitude and a latitude in degrees, found "${values.site}".`, USAGE);
}
const list = (text: string) => text.split(",").map((name) => name.trim()).filter((name) => name !== "");
try {
  const { targets, left } = await rankFollowUp({
    input: positionals[0],
    kind: values.probabilities ? "probabilities" : values["light-curves"] ? "light curves" : "features",
    model: values.model,
    train: values.train === undefined ? undefined : {
      path: values.train,
      label: values.class,
      known: list(values.known),
      reveals: list(values.reveals),
    },
    save: values.save,
    quick: values.quick,
    id: values.id,
    strategy: values.strategy,
    seed: values.seed,
    magnitude: values.magnitude,
    airmass: values.airmass,
    signalToNoise: numberOption("snr", values.snr, 0, USAGE),
    night: values.night === undefined ? undefined : {
      mjd: numberOption("night", values.night, 0, USAGE),
      longitude: site[0],
      latitude: site[1],
      ra: values.ra,
      dec: values.dec,
      airmassLimit: numberOption("airmass-limit", values["airmass-limit"], 1, USAGE),
    },
    hours: values.hours === undefined ? undefined : numberOption("hours", values.hours, 0, USAGE),
  });
  for (const { id, reason } of left) console.error(`left out: ${id}: ${reason}`);
  const top = values.top === undefined ? targets.length : numberOption("top", values.top, 1, USAGE);
  const text = formatTargets(targets.slice(0, top), format);
  if (values.out === undefined) process.stdout.write(text);
  else await writeAtomically(values.out, text);
} catch (error) {
  if (!(error instanceof EphemeraError || error instanceof Deno.errors.NotFound)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
