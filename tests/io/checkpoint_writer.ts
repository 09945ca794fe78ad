/**
 * A process that begins a run and writes checkpoints after steps 1 and 2, for tests that stop it half-way.
 *
 * With `kill` it is killed while it writes the second one. Arguments: folder, vocabulary size, [kill].
 */
import { writeCheckpoint } from "../../lib/io/checkpoint.ts";
import { RunDirectory } from "../../lib/io/run_directory.ts";
import { checkpointAfter } from "./checkpoint_after.ts";

const [folder, vocabularySize, kill] = Deno.args;
const run = await RunDirectory.create(folder!, {}, {});
await writeCheckpoint(run, checkpointAfter(1));
const second = checkpointAfter(2, Number(vocabularySize));
if (kill) {
  const get = second.moments.second.get.bind(second.moments.second);
  second.moments.second.get = (name) => {
    if (name === "embed_out.weight") Deno.kill(Deno.pid, "SIGKILL");
    return get(name);
  };
}
await writeCheckpoint(run, second);
