/** The visits of one field: which nights, which bands, and how deep under the Moon, the air and the clouds of the moment. */
import {
  airmass,
  altitude,
  angularSeparation,
  FLUXCAL_ZERO_POINT,
  fluxOf,
  hourAngleLimit,
  type SkyPosition,
} from "../../astronomy/mod.ts";
import type { Random } from "../../core/mod.ts";
import { sensitivity } from "./band_noise.ts";
import type { Block, Programme } from "./programme.ts";
import { moonExcess } from "./moonlight.ts";
import { STAR_TURN, wrapHalf } from "../night.ts";
import type { Night, Nights } from "./nights.ts";
import type { SkySurvey } from "./sky_survey.ts";
import type { Visits } from "./visits.ts";

/** Kept visits before they become columns. */
interface Row {
  time: number;
  band: number;
  depth: number;
  background: number;
  gain: number;
  saturation: number;
}

/** Scatter of the logarithm of the seeing between visits of a night. */
const VISIT_SEEING_SCATTER = 0.08;

/** Days over which the visits of a rolling season count as one year. */
const YEAR = 365.25;

/**
 * Returns the visits to a place.
 * @param index number of the field, which says its set in a rolling cadence.
 * @param random decides the nights, the bands and the moment's air.
 */
export function fieldVisits(
  survey: SkySurvey,
  nights: Nights,
  place: SkyPosition,
  index: number,
  random: Random,
): Visits {
  const { site, maximumAirmass, programmes } = survey, rows: Row[] = [], { list } = nights;
  const reach = hourAngleLimit(place.dec, site.latitude, altitudeOf(maximumAirmass)) / STAR_TURN;
  for (let p = 0; p < programmes.length && reach > 0; p++) {
    const programme = programmes[p], draw = random.stream(`programme ${p}`);
    let due = draw.uniform(0, programme.interval);
    for (let n = 0; n < list.length; n++) {
      const night = list[n];
      if (n < due || !night.open || night.darkHalf === 0) continue;
      const window = openWindow(night, place, reach);
      const block = window && chooseBlock(survey, programme, night, place, window, draw);
      if (!block) continue;
      addBlock(survey, night, place, window, block, draw, rows);
      // The waiting time counts from this night, so that clouds delay a field and do not double its visits afterwards.
      const wait = programme.interval / rollingRate(survey, programme, night, index);
      due = n + draw.gamma(programme.regularity, wait / programme.regularity);
    }
  }
  return columns(rows);
}

/** Rate of visits to a field in the year of a night over the mean. */
function rollingRate(survey: SkySurvey, { rolling }: Programme, night: Night, index: number): number {
  if (rolling === null) return 1;
  const year = Math.floor((night.midnight - survey.start) / YEAR);
  return (year + index) % rolling.sets === 0 ? rolling.high : rolling.low;
}

/** Returns when in a night a field is high and the sky dark, as days from midnight; undefined when never. */
function openWindow(night: Night, place: SkyPosition, reach: number) {
  const culmination = -wrapHalf(night.sidereal - place.ra) / STAR_TURN;
  const from = Math.max(-night.darkHalf, culmination - reach);
  const to = Math.min(night.darkHalf, culmination + reach);
  return to > from ? { from, to, culmination } : undefined;
}

type Window = NonNullable<ReturnType<typeof openWindow>>;

/** Draws what to do among the blocks that fit the window and keep away from the Moon. */
function chooseBlock(
  survey: SkySurvey,
  programme: Programme,
  night: Night,
  place: SkyPosition,
  window: Window,
  random: Random,
): Block | undefined {
  const bright = night.illumination > 0.25, separation = angularSeparation(place, night.moon);
  const weights = programme.blocks.map((block) => {
    const [least, most] = block.moon, length = block.spacing[1] * (block.bands.length - 1);
    const fits = night.illumination >= least && night.illumination <= most &&
      window.to - window.from > length &&
      !(bright && block.bands.some((b) => separation < survey.bands[b].moonSeparation));
    return fits ? block.share : 0;
  });
  return weights.some((weight) => weight > 0) ? random.choice(programme.blocks, { weights }) : undefined;
}

function addBlock(
  survey: SkySurvey,
  night: Night,
  place: SkyPosition,
  window: Window,
  block: Block,
  random: Random,
  rows: Row[],
): void {
  const { site, weather } = survey, spacing = random.uniform(...block.spacing);
  const latest = window.to - spacing * (block.bands.length - 1);
  // Of two possible moments the one nearer to the culmination: schedulers prefer little air.
  const a = random.uniform(window.from, latest), b = random.uniform(window.from, latest);
  const start = Math.abs(a - window.culmination) < Math.abs(b - window.culmination) ? a : b;
  const clouds = random.exponential(weather.cloudLoss);
  block.bands.forEach((band, k) => {
    const { noise, extinction, moonSky, saturation } = survey.bands[band];
    const time = night.midnight + start + k * spacing;
    const air = airmass(altitude(place, time, site.longitude, site.latitude));
    const seeing = night.seeing * Math.pow(air, 0.6) * Math.exp(random.normal(0, VISIT_SEEING_SCATTER));
    const skyExcess = moonExcess(place, night, time, site, moonSky);
    const loss = extinction * (air - 1) + clouds;
    const reached = sensitivity(noise, { skyExcess, seeing, loss, stack: block.stacks[k] });
    rows.push({
      time,
      band,
      ...reached,
      // Half the width has four times the light in the central pixel.
      saturation: fluxOf(saturation - loss, FLUXCAL_ZERO_POINT) * seeing * seeing,
    });
  });
}

/** Returns the altitude in degrees at an airmass, by bisection. */
function altitudeOf(air: number): number {
  let low = 0, high = 90;
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (airmass(middle) > air) low = middle;
    else high = middle;
  }
  return high;
}

function columns(rows: Row[]): Visits {
  rows.sort((a, b) => a.time - b.time || a.band - b.band);
  const column = (name: keyof Row) => Float64Array.from(rows, (row) => row[name]);
  return {
    time: column("time"),
    band: Uint8Array.from(rows, (row) => row.band),
    depth: column("depth"),
    background: column("background"),
    gain: column("gain"),
    saturation: column("saturation"),
  };
}
