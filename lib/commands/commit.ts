/** Which version of the sources is running. */

async function git(args: string[], cwd: string): Promise<string | null> {
  try {
    const command = new Deno.Command("git", { args, cwd, stdin: "null", stdout: "piped", stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * The commit of the checkout in `root`, with `-dirty` at its end when files outside `notebooks/` differ from it (results
 * are written there while they are made); `"unknown"` without git or outside a checkout.
 */
export async function currentCommit(root: string): Promise<string> {
  const commit = await git(["rev-parse", "HEAD"], root);
  if (commit === null) return "unknown";
  const changes = await git(["status", "--porcelain", "--", ".", ":(exclude)notebooks"], root);
  return changes === "" ? commit : `${commit}-dirty`;
}
