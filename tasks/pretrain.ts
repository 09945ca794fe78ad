/**
 * Pretrains a GPT-NeoX language model: by default a student that is cut out of the teacher that comes with the project.
 *
 *   deno task pretrain
 *   deno task pretrain --preset small --tokens 1M --lr 2e-3 --name longer
 *   deno task pretrain --resume auto
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with a checkpoint to go on from.
 */

import { fieldsOf, toFlag } from "../lib/cli/fields.ts";
import { help } from "../lib/cli/help.ts";
import { parseFlags } from "../lib/cli/flags.ts";
import { readJson } from "../lib/io/json.ts";
import { openProgress, runTask } from "../lib/io/terminal.ts";
import { generateText } from "../lib/model/generate_text.ts";
import { pipelineSchema } from "../lib/pipeline/config_schema.ts";
import { find } from "../lib/pipeline/find.ts";
import { TRAINING } from "../lib/pipeline/recipe.ts";
import { finishRun } from "../lib/pipeline/run_result.ts";
import type { Sample } from "../lib/pipeline/result.ts";
import { explain } from "../lib/train/config.ts";
import { dryRun } from "../lib/train/dry_run.ts";
import { train } from "../lib/train/pretrain.ts";
import type { TrainRow } from "../lib/train/records.ts";
import { isFinished } from "../lib/train/resume.ts";
import { modelOf, prepareRun, type Run } from "../lib/train/run.ts";
import { onInterrupt } from "./_interrupt.ts";
import { printPipeline } from "./_pipeline.ts";
import { printProfile } from "./_profile.ts";
import { quote } from "./_shell.ts";

const usage = `deno task pretrain [flags]
Without flags: searches the shipped teacher for a student, which inherits its weights and is trained beside it. A preset,
a shape or a corpus of your own gives a run from random weights.
A student that is cut out of a teacher is named 'student', and has other defaults than those below:
${studentDefaults()}
Ctrl-C finishes the step, writes a checkpoint and says how to resume; the exit code is then 130.`;
const examples = [
  "deno task pretrain",
  "deno task pretrain --preset small --tokens 1M --lr 2e-3 --name longer",
  "deno task pretrain --resume auto",
];

type Say = (line: string) => void;

await runTask(async (args) => {
  const { values: flags, config: path, help: wanted } = parseFlags(pipelineSchema, args, { configFile: true });
  if (wanted) return console.log(help(pipelineSchema, { usage, examples, configFile: true }));
  const file = path === undefined ? {} : await readJson(path);
  const found = await find({}, { file, flags });
  if (found.kind === "pipeline") {
    return await printPipeline(found.place, pipelineSchema.parse({ ...file as object, ...flags }));
  }
  const { place, reasons } = found;
  const { config, directory, from } = place;
  if (config.dryRun) return console.log((await dryRun(place)).join("\n"));
  if (isFinished(place)) {
    const { path, final } = directory!;
    return console.log(
      `nothing to do: '${path}' has taken ${from!.checkpoint.step} of ${config.steps} steps and its model is in ` +
        `'${final}'; raise --steps or --tokens to prolong it`,
    );
  }
  const say: Say = config.quiet ? () => {} : (line) => console.log(line);
  if (directory) say(`resuming '${directory.path}' after step ${from?.checkpoint.step ?? 0} of ${config.steps}`);
  else [...explain(config, modelOf(place)), ...reasons].forEach(say);

  using run = await prepareRun(place, { notice: say, warn: console.warn });
  sayBaselines(run, say);
  let last: TrainRow | undefined;
  let stopped = 0;
  {
    // Only now: until training begins there is nothing to save, and Ctrl-C may end the process at once.
    using interrupt = onInterrupt("finishing this step; press Ctrl-C again to end at once");
    using progress = openProgress(config.steps, { quiet: config.quiet });
    for await (const row of train(run, interrupt.signal)) progress.row(last = row);
    stopped = last?.step === config.steps ? 0 : interrupt.code;
  }
  if (config.profile) await printProfile(run.device);
  if (stopped) {
    console.log(`stopped; continue with: deno task pretrain --resume ${quote(run.directory.path)}`);
    return stopped;
  }
  const samples = await saySample(run, say);
  sayValidation(run, last, say);
  say(`report: ${await finishRun(run, last, samples)}`);
  const { final } = run.directory;
  console.log(`done: the model is in '${final}'; try: deno task generate ${quote(final)} --prompt "We must"`);
});

/** The flags whose defaults the recipe changes, as they could be written. */
function studentDefaults(): string {
  const below = new Map(fieldsOf(pipelineSchema).map((field) => [field.name, field.default]));
  const changed = Object.entries(TRAINING).filter(([name, value]) => below.get(name) !== value);
  return changed.map(([name, value]) => `--${toFlag(name)} ${value}`).join(" ");
}

function sayBaselines({ data }: Run, say: Say): void {
  const { unigram, bigram } = data.baselines;
  say(
    `baselines on the validation split: unigram ${unigram.nats.toFixed(3)} nats (${unigram.bitsPerByte.toFixed(3)} ` +
      `bits per byte), bigram ${bigram.nats.toFixed(3)} (${bigram.bitsPerByte.toFixed(3)})`,
  );
}

async function saySample({ config, data, model }: Run, say: Say): Promise<Sample[]> {
  const { samplePrompt: prompt, sampleTokens: tokens, seed, quiet } = config;
  if (tokens === 0 || quiet) return [];
  const text = await generateText(model, data.tokenizer, prompt, { tokens, seed });
  say(`sample: ${JSON.stringify(prompt + text)}`);
  return [{ model: "student", prompt, text }];
}

function sayValidation({ data, evaluator, directory }: Run, last: TrainRow | undefined, say: Say): void {
  if (last?.val_loss === undefined) return;
  const { unigram, bigram } = data.baselines;
  say(
    `validation loss ${last.val_loss.toFixed(3)} nats, perplexity ${Math.exp(last.val_loss).toFixed(1)}, ` +
      `${last.val_bpb?.toFixed(3)} bits per byte (unigram ${unigram.bitsPerByte.toFixed(3)}, bigram ` +
      `${bigram.bitsPerByte.toFixed(3)}); the same again: deno task evaluate ${quote(directory.final)} --tokens ` +
      evaluator.tokens,
  );
}
