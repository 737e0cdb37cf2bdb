/** Installs the project's Jupyter kernel specification: `deno task kernel`. */
import { join, resolve } from "node:path";
import { parseArguments, probeWide, PROJECT_ROOT, refuse, wideEnvironment } from "ephemera/commands";
import { KERNEL_NAME, kernelSpec, userKernelsFolder } from "ephemera/reproduce";

const USAGE = `
Usage: deno task kernel [options]

Writes the kernel specification "Deno (ephemera)" to where your Jupyter looks for kernels.

  --prefix DIR  a Python environment to install it into, e.g. a virtual environment
  --dir DIR     the folder of kernel specifications to write it to
  --wide        its processes get V8's flags for vectors of 256 bits (see lib/tensor/README.md, "Wide vectors")
  --remove      remove it again
`;

const { values } = parseArguments(Deno.args, USAGE, {
  prefix: { type: "string" },
  dir: { type: "string" },
  wide: { type: "boolean", default: false },
  remove: { type: "boolean", default: false },
});
const kernels = values.dir !== undefined
  ? resolve(values.dir)
  : values.prefix !== undefined
  ? join(resolve(values.prefix), "share", "jupyter", "kernels")
  : userKernelsFolder({ os: Deno.build.os, environment: (name) => Deno.env.get(name) });
if (kernels === undefined) refuse("Expected a home folder, found none.", USAGE);
const folder = join(kernels, KERNEL_NAME);
const file = join(folder, "kernel.json");

if (values.remove) {
  try {
    await Deno.remove(file);
    await Deno.remove(folder);
    console.log(`Removed ${folder}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`Nothing to remove: there is no ${file}`);
  }
} else {
  const spec = kernelSpec(Deno.execPath());
  if (values.wide) {
    const { pays, reason } = await probeWide();
    if (!pays) {
      refuse(`Expected a Deno that is faster with V8's flags for wide vectors, found ${reason}.`, USAGE);
    }
    Object.assign(spec.env, wideEnvironment(Deno.env.get("DENO_V8_FLAGS")));
  }
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(file, JSON.stringify(spec, null, 2) + "\n");
  console.log(`Wrote ${file}

It starts ${Deno.execPath()}; run this command again when that moves.
To open the notebooks in JupyterLab (https://jupyter.org/install):

  jupyter lab ${join(PROJECT_ROOT, "notebooks")}

and choose the kernel "${spec.display_name}". A kernel runs a notebook's code with all your permissions.`);
}
