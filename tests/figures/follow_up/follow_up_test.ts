import { bandCurves, nightChart, spectrumGrid } from "ephemera/figures/follow_up";
import assert from "node:assert/strict";

Deno.test("bandCurves draws a shaded band only where there is an interval, and names every curve", () => {
  const curve = { label: "entropy", x: [1, 2, 3], y: [0.1, 0.2, 0.3] };
  const bare = bandCurves([curve]),
    banded = bandCurves([{ ...curve, low: [0, 0.1, 0.2], high: [0.2, 0.3, 0.4] }]);
  const areas = (svg: string) => svg.split('fill-opacity="0.15"').length - 1;
  assert.equal(areas(bare.svg), 0);
  assert.equal(areas(banded.svg), 1);
  assert.match(banded.alt, /entropy from 0\.1 to 0\.3/);
  assert.throws(() => bandCurves([{ ...curve, y: [1] }]), /3 places, 1 values/);
});

Deno.test("spectrumGrid has a panel for each spectrum and refuses one of another length", () => {
  const drawn = spectrumGrid([4000, 5000], [{ label: "EA", flux: [1, 2] }, {
    label: "EW",
    flux: [2, 1],
    model: [2, 1],
  }]);
  assert.ok(drawn.svg.includes("EA") && drawn.svg.includes("EW"));
  assert.throws(() => spectrumGrid([4000, 5000], [{ label: "EA", flux: [1] }]), /2 fluxes/);
});

Deno.test("nightChart puts targets in the order of observation, and refuses one below its horizon", () => {
  const late = { label: "late", from: 2, to: 6, start: 4, end: 5 },
    early = { label: "early", from: 0, to: 3, start: 0, end: 1 };
  const { svg } = nightChart([late, early]);
  assert.ok(svg.indexOf(">early<") < svg.indexOf(">late<"));
  assert.throws(() => nightChart([{ ...late, start: 1 }]), /between 2\.00 and 6\.00/);
});
