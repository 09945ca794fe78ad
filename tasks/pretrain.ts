/**
 * Pretrains a GPT-NeoX language model, from corpus to checkpoint.
 *
 *   deno task pretrain
 *   deno task pretrain --preset small --tokens 1M --lr 2e-3 --name longer
 *   deno task pretrain --resume auto
 */

import { help } from "../lib/cli/help.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { loadTokenizer } from "../lib/data/tokenizer.ts";
import { readJson } from "../lib/io/json.ts";
import { openProgress, runTask } from "../lib/io/terminal.ts";
import { generateText } from "../lib/evaluate/text.ts";
import { explain, pretrainSchema, resolveConfig } from "../lib/train/config.ts";
import { dryRun } from "../lib/train/dry_run.ts";
import { train } from "../lib/train/pretrain.ts";
import type { TrainRow } from "../lib/train/records.ts";
import { openRun, type Run } from "../lib/train/run.ts";
import { interruptSignal } from "./_interrupt.ts";
import { printProfile } from "./_profile.ts";

const usage = "deno task pretrain [flags]";
const examples = [
  "deno task pretrain",
  "deno task pretrain --preset small --tokens 1M --lr 2e-3 --name longer",
  "deno task pretrain --resume auto",
];

await runTask(async (args) => {
  const { values: flags, config: path, help: wanted } = parseFlags(pretrainSchema, args, { configFile: true });
  if (wanted) return console.log(help(pretrainSchema, { usage, examples, configFile: true }));
  const file = path === undefined ? {} : await readJson(path);
  const asked = resolveConfig({}, { file, flags });
  const say = (line: string) => asked.quiet || console.log(line);
  if (asked.dryRun) return console.log((await dryRun(asked)).join("\n"));
  if (asked.resume === "") explain(asked).forEach(say);

  const { signal, release } = interruptSignal("finishing this step; press Ctrl-C again to end at once");
  using run = await openRun({}, { file, flags, signal, notice: say });
  const { data, config, resumed } = run;
  if (resumed) say(`resuming '${run.directory.path}' after step ${resumed.step}`);
  const { unigram, bigram } = data.baselines;
  say(
    `baselines on the validation split: unigram ${unigram.nats.toFixed(3)} nats (${
      unigram.bitsPerByte.toFixed(3)
    } bits ` +
      `per byte), bigram ${bigram.nats.toFixed(3)} (${bigram.bitsPerByte.toFixed(3)})`,
  );
  let last: TrainRow | undefined;
  {
    using progress = openProgress(config.steps, { quiet: config.quiet });
    for await (const row of train(run)) progress.row(last = row);
  }
  release();
  if (config.profile) await printProfile(run.device);
  if (signal.aborted) {
    console.log(`stopped; continue with: deno task pretrain --resume ${run.directory.path}`);
    return 0;
  }
  await finish(run, last, say);
});

async function finish(run: Run, last: TrainRow | undefined, say: (line: string) => void): Promise<void> {
  const { config, data, model, directory } = run;
  if (config.sampleTokens > 0) {
    const tokenizer = await loadTokenizer(data.tokenizer.json);
    const { samplePrompt: prompt, sampleTokens: tokens, seed } = config;
    say(`sample: ${JSON.stringify(prompt + await generateText(model, tokenizer, prompt, { tokens, seed }))}`);
  }
  const { unigram, bigram } = data.baselines;
  if (last?.val_loss !== undefined) {
    say(
      `validation loss ${last.val_loss.toFixed(3)} nats, perplexity ${Math.exp(last.val_loss).toFixed(1)}, ` +
        `${last.val_bpb?.toFixed(3)} bits per byte (unigram ${unigram.bitsPerByte.toFixed(3)}, bigram ` +
        `${bigram.bitsPerByte.toFixed(3)})`,
    );
  }
  console.log(
    `done: the model is in '${directory.final}'; try: deno task generate ${directory.final} --prompt "We must"`,
  );
}
