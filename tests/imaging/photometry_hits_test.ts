/** Photometry of real stamps against the magnitudes of the survey's catalogue, which used Kron apertures on the whole images. */
import assert from "node:assert/strict";
import { HITS_STAMPS, hitsLightCurves, hitsObservingConditions } from "ephemera/datasets";
import {
  aperturePhotometry,
  discMask,
  fitStar,
  magnitudeOfCounts,
  optimalPhotometry,
  pointSpreadImage,
  skyLevel,
} from "ephemera/imaging";
import { quantiles } from "ephemera/numerics";

const data = Deno.env.get("EPHEMERA_DATA");
/** Mean gain of the camera's CCDs, electrons per ADU. */
const GAIN = 4, PIXEL = 0.27;

Deno.test({
  name: "real stamps: sky, seeing and magnitudes are the survey's, and constant stars stay constant",
  ignore: data === undefined,
  async fn() {
    const set = await HITS_STAMPS.load(), curves = await hitsLightCurves("kron");
    const conditions = await hitsObservingConditions() as Record<string, ArrayLike<string | number>>;
    const rows = new Map<string, number>(), epochs = set.epochs as Record<string, Float64Array>;
    for (let i = 0; i < conditions.mjd.length; i++) {
      rows.set(`${conditions.field[i]} ${conditions.filter[i]} ${Number(conditions.epoch[i])}`, i);
    }
    const places = new Map(curves.ids.map((id, i) => [id, i]));
    const sky: number[] = [], noise: number[] = [], seeing: number[] = [], constant: number[] = [];
    const aperture: number[] = [], optimal: number[] = [], faint: [number, number][] = [];
    let fits = 0, converged = 0;
    for (let i = 0; i < set.length; i += 3) {
      if (set.className(i) === "SN") continue;
      const [survey, field] = set.ids[i].split("_"), at = places.get(set.ids[i]);
      const curve = at === undefined ? undefined : curves.at(at), magnitudes: number[] = [];
      for (let e = set.offsets[i]; e < set.offsets[i + 1]; e++) {
        const row = rows.get(`${survey}_${field} g ${epochs.epoch[e]}`);
        if (row === undefined) continue;
        const value = (name: string) => Number(conditions[name][row]);
        // Exposures with a seeing above 2 arcsec were not used by the survey's simulations either.
        if (!(value("seeing") < 2) || !Number.isFinite(value("zp_ps"))) continue;
        const image = { pixels: set.image(e), width: set.width, height: set.height };
        const border = skyLevel(image, { region: { border: 3 }, estimator: "mean" });
        sky.push(border.level / value("back_level"));
        if (border.level < 125) noise.push(border.standardDeviation ** 2 / border.level);
        const start = { x: epochs.x[e], y: epochs.y[e] }, mask = discMask(21, 21, start.x, start.y, 8);
        const { x, y, fwhm, converged: settled } = fitStar(image, { start, mask, shape: "elliptical" });
        fits++;
        converged += settled ? 1 : 0;
        seeing.push(fwhm * PIXEL / value("seeing"));
        const background = {
          sky: border.level,
          backgroundVariance: border.standardDeviation ** 2,
          gain: GAIN,
        };
        const calibration = { zeroPoint: value("zp_ps"), exposureTime: value("exp_time") };
        const circle = aperturePhotometry(image, 1.5 * value("seeing") / PIXEL, { x, y, ...background });
        const spread = { profile: "moffat", fwhm: fwhm * PIXEL, beta: 3 } as const;
        const profile = pointSpreadImage(spread, { width: 21, height: 21, x, y, pixelScale: PIXEL });
        const star = optimalPhotometry(image, profile.pixels, background);
        const byProfile = magnitudeOfCounts(star.flux, star.error, calibration).value;
        magnitudes.push(byProfile);
        // Stamps have their times to 1/256 day.
        const k = curve?.time.findIndex((mjd) => Math.abs(mjd - set.time[e]) < 1 / 128) ?? -1;
        if (k < 0 || curve!.band![k] !== 0) continue;
        const byCircle = magnitudeOfCounts(circle.flux, circle.error, calibration).value;
        aperture.push(byCircle - curve!.value[k]);
        optimal.push(byProfile - curve!.value[k]);
        if (curve!.value[k] > 19.5) faint.push([byCircle - curve!.value[k], byProfile - curve!.value[k]]);
      }
      if (set.className(i) !== "NV" || magnitudes.length < 10) continue;
      const [middle] = quantiles(magnitudes, [0.5]);
      constant.push(...magnitudes.map((m) => m - middle));
    }
    const middle = (values: number[]) => quantiles(values, [0.5])[0];
    /** Standard deviation of a normal distribution with these quartiles. */
    const spread = (values: number[]) => {
      const [low, high] = quantiles(values, [0.25, 0.75]);
      return (high - low) / 1.349;
    };
    assert.equal(converged, fits);
    assert.ok(fits > 1000 && aperture.length > 800 && constant.length > 400);
    const within = (name: string, value: number, low: number, high: number) =>
      assert.ok(value > low && value < high, `${name}: ${value}, expected ${low} to ${high}`);
    within("sky over the survey's", middle(sky), 0.97, 1.05);
    // Photons over a gain of 3.8 give 0.26 of the sky, the read noise 0.02, wings and neighbours the rest.
    within("variance over sky", middle(noise), 0.25, 0.36);
    // A Gaussian under sharp-peaked stars is narrower than the survey's measure.
    within("width over the survey's seeing", middle(seeing), 0.75, 1);
    // Light outside the circle; the catalogue's apertures have more of it.
    within("magnitude in a circle less the catalogue's", middle(aperture), 0.02, 0.08);
    within("spread of it", spread(aperture), 0, 0.045);
    // A profile taken to infinity has more light than the catalogue's apertures.
    within("optimal magnitude less the catalogue's", middle(optimal), -0.12, 0);
    within("spread of it", spread(optimal), 0, 0.045);
    within("spread of constant stars about themselves", spread(constant), 0, 0.03);
    // Where the sky is the noise, weights beat the circle.
    assert.ok(faint.length > 150);
    const circle = spread(faint.map(([a]) => a)), weighted = spread(faint.map(([, b]) => b));
    assert.ok(weighted < circle, `${weighted}, ${circle}`);
  },
});
