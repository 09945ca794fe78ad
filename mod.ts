/**
 * Offshoot: pretraining small language models from bigger ones, on WebGPU or the processor, in Deno.
 *
 * @example Train a tiny model for a few steps
 * ```ts
 * import { assert } from "@std/assert";
 * import { pretrain } from "./mod.ts";
 *
 * const out = await Deno.makeTempDir();
 * const options = { preset: "tiny", vocabulary: 320, steps: 4, batch: 4, corpus: "README.md", out } as const;
 * const rows = await Array.fromAsync(pretrain(options));
 * assert(rows.at(-1)!.val_bpb! > 0);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @module
 */

// Devices
export { DEVICE_KINDS, type DeviceKind, type DeviceOptions, openDevice } from "./lib/devices/mod.ts";
export type { CPUOptions } from "./lib/devices/cpu/device.ts";
export type { EngineOptions } from "./lib/devices/cpu/engine.ts";
export type { KernelProfile, Profiler } from "./lib/devices/profile.ts";
export type {
  Counters,
  Device,
  Estimate,
  HostData,
  Inputs,
  Program,
  Recorder,
  Ring,
  Store,
  StoreEntry,
  Stores,
  Transfers,
} from "./lib/devices/device.ts";
export type { WebGPUOptions } from "./lib/devices/webgpu/adapter.ts";
export { DeviceError } from "./lib/devices/errors.ts";

// Models
export { loadModel, saveModel, type SaveModelOptions } from "./lib/io/model_folder.ts";
export type { ModelFolderOptions } from "./lib/io/huggingface.ts";
export type { StoredFormat } from "./lib/io/safetensors_dtypes.ts";
export { Model } from "./lib/model/model.ts";
export type { PageKind, Pages, Placement } from "./lib/model/pages.ts";
export { capture, logits, type LossAndGradients, lossAndGradients } from "./lib/model/forward.ts";
export { activationNames, type ActivationValues } from "./lib/model/activations.ts";
export { generate, type GenerateOptions } from "./lib/model/generate.ts";
export { generateText } from "./lib/model/generate_text.ts";
export type { GPTNeoXConfig } from "./lib/model/config.ts";
export type { BlockShape } from "./lib/model/block_shape.ts";
export { type Preset, preset, type PresetName, presetNames } from "./lib/model/presets.ts";
export { hashParameters } from "./lib/model/parameter_hash.ts";
export { initialise } from "./lib/model/initialise.ts";
export {
  countParameters,
  type InitialRule,
  type ParameterSpec,
  parameterSpecs,
  type ParameterValues,
} from "./lib/model/parameters.ts";
export { forwardFlopsPerToken, trainingFlopsPerToken } from "./lib/model/flops.ts";

// Data
export { loadTokenizer, type LoadTokenizerOptions, type Tokenizer } from "./lib/data/tokenizer.ts";
export { trainTokenizer, type TrainTokenizerOptions } from "./lib/data/tokenizer_train.ts";
export { type CorpusSpec, readCorpus } from "./lib/io/corpus.ts";
export { prepareText, type TextOptions } from "./lib/train/text.ts";
export type { TrainingData } from "./lib/train/data.ts";
export type { TokenManifest, TokenShard } from "./lib/io/token_manifest.ts";
export type { BaselineLoss, NgramBaselines } from "./lib/data/ngram.ts";
export type { Corpus, Document } from "./lib/data/document.ts";
export type { ByteLevelTokenizerJson, Settings } from "./lib/data/tokenizer_json.ts";
export type { TokenArray } from "./lib/data/batches.ts";
export { type EmbeddingBuckets, embeddingBuckets } from "./lib/data/buckets.ts";

// Training and evaluation
export { type OpenOptions, pretrain } from "./lib/train/pretrain.ts";
export type { Probe } from "./lib/train/probe.ts";
export type { Listeners, OpenRunOptions } from "./lib/train/run.ts";
export type { LogRow } from "./lib/io/run_log.ts";
export type {
  ConfigSources,
  DerivedField,
  PretrainConfig,
  PretrainFields,
  PretrainOptions,
} from "./lib/train/config.ts";
export { TrainingError, type TrainRow } from "./lib/train/records.ts";
export { type Evaluation, Evaluator, type EvaluatorOptions } from "./lib/evaluate/loss.ts";
export { type CapturedText, captureText, type CaptureTextOptions } from "./lib/evaluate/capture_text.ts";
export { type Latency, type LatencyOptions, measureLatency } from "./lib/evaluate/latency.ts";

// Logit stores: what a teacher thinks of a text, for students that learn without it
export { teach, type TeachPlace, type TeachRow } from "./lib/distill/teach.ts";
export { planStore, type TeachOptions } from "./lib/distill/plan.ts";
export { LogitStore } from "./lib/distill/store/reader.ts";
export type { StoreKind, StoreManifest, StorePlan, StoreShard } from "./lib/distill/store/manifest.ts";
export type { Entries } from "./lib/distill/store/records.ts";

// Sub-networks: what of a teacher a student keeps
export type { SubBlock, SubNetwork } from "./lib/subnet/sub_network.ts";
export { type Dimensions, dimensionsOf } from "./lib/subnet/dimensions.ts";
export { checkSubNetwork } from "./lib/subnet/check.ts";
export { IllegalSubNetworkError } from "./lib/subnet/illegal_sub_network_error.ts";
export { type Inheritance, inheritanceJson } from "./lib/subnet/inheritance.ts";
export { hashSubNetwork, parseSubNetwork, printSubNetwork } from "./lib/subnet/json.ts";
export {
  countSubNetworkParameters,
  subNetworkForwardFlopsPerToken,
  subNetworkTrainingFlopsPerToken,
} from "./lib/subnet/counts.ts";
export {
  searchSpace,
  type SearchSpaceName,
  searchSpaceNames,
  type SearchSpaceOptions,
} from "./lib/subnet/search_space.ts";
export { SubNetworkSpace } from "./lib/subnet/sub_network_space.ts";
export type { SpaceParts } from "./lib/subnet/space_parts.ts";
export type { IndexList, IndexLists, Preference } from "./lib/subnet/index_lists.ts";
export type { PreferenceOf } from "./lib/subnet/preferences.ts";
export type { BlockDimension, BlockSizes, DimensionName, SubNetworkSizes } from "./lib/subnet/sizes.ts";
export type { Rope, RopeOptions } from "./lib/subnet/rope.ts";
export { evenlySpacedOf, type Importance, type Order, orderedBy, prefixOf } from "./lib/subnet/orders.ts";
export { bin, parseBudget, parseLatency } from "./lib/subnet/budget.ts";
export {
  checkLatencyModel,
  fitLatencyModel,
  type LatencyConditions,
  type LatencyModel,
  type LatencySample,
  predictLatency,
} from "./lib/subnet/latency/model.ts";
export { type LatencyTerm, latencyTerms, type PassShape } from "./lib/subnet/latency/terms.ts";
export { type ImportanceMethod, importanceMethods, importanceOf } from "./lib/subnet/importance/mod.ts";
export { extract, Extraction, scatterGradients } from "./lib/subnet/extract.ts";
export { type HeadOptions, studentConfig } from "./lib/subnet/student_config.ts";
export { rescaleNorms } from "./lib/subnet/repair/norms.ts";
export { type RefitOptions, refitProjections } from "./lib/subnet/repair/projections.ts";
export { type TeacherStreams, teacherStreams } from "./lib/subnet/repair/streams.ts";
export { type PrincipalAxes, shareHeld } from "./lib/subnet/axes/rotation.ts";
export { sortByImportance } from "./lib/subnet/axes/sort.ts";
export { principalAxesOf, turnTo, turnToPrincipalAxes } from "./lib/subnet/axes/turn.ts";
export type { HostModel } from "./lib/subnet/multi_head.ts";
export { calibrationWindows, inherit, type InheritedStudent, type InheritOptions } from "./lib/pipeline/inherit.ts";
export { uniform } from "./lib/subnet/uniform.ts";
export { proportionalSizes } from "./lib/subnet/proportional.ts";

// The whole way from a teacher to a trained student, and its report
export { pipeline, type PipelineRecord, type PipelineRunOptions } from "./lib/pipeline/pipeline.ts";
export type { PipelineFields, PipelineOptions } from "./lib/pipeline/config_schema.ts";
export type { Generation } from "./lib/pipeline/take_search.ts";
export type { Inherited } from "./lib/pipeline/inherit_stage.ts";
export type { Result, Sample, Score } from "./lib/pipeline/result.ts";
export type { Reference } from "./lib/pipeline/reference.ts";
export type { CostEntry } from "./lib/pipeline/costs.ts";
export { writeReport } from "./lib/pipeline/report.ts";
export { describeSubNetwork } from "./lib/subnet/describe.ts";

// Search
export { Search, search } from "./lib/search/search.ts";
export type { SearchOptions } from "./lib/search/options.ts";
export type { SearchEnd, SearchResult, SearchRow } from "./lib/search/records.ts";
export { SearchError } from "./lib/search/records.ts";
export type { Objective, SearchProblem } from "./lib/search/problem.ts";
export type { SearchSpace } from "./lib/search/space.ts";
export type { Bin } from "./lib/search/bin.ts";
export { type MethodName, methodNames } from "./lib/search/methods.ts";
export { prepareSubNetworkSearch, searchSubNetworks, type SubNetworkSearchInputs } from "./lib/search/prepare.ts";
export { type Comparison, type LatencyComparison, SubNetworkSearch } from "./lib/search/sub_network_search.ts";
export type { SubNetworkSearchConfig, SubNetworkSearchOptions } from "./lib/search/sub_network_config.ts";
export { bestOf, type CostName, frontOf, type SubNetworkRow } from "./lib/search/sub_network_row.ts";
export { type LatencyModelOptions, measureLatencyModel, measureSubNetworks } from "./lib/search/latency.ts";
export type { Start, StartKind } from "./lib/search/starts.ts";
export type { CalibrationOptions } from "./lib/search/judges/calibration.ts";
export { DivergenceJudge } from "./lib/search/judges/divergence.ts";
export type { Judge } from "./lib/search/judges/judge.ts";
export { LossJudge } from "./lib/search/judges/loss.ts";
export { RepairedJudge } from "./lib/search/judges/repaired.ts";
export { TrainedJudge, type TrainedJudgeOptions } from "./lib/search/judges/trained.ts";
export { StudentObjective } from "./lib/search/student_objective.ts";
export {
  correlateWithTraining,
  type TrainedCandidate,
  type TrainingCorrelation,
  type TrainingCorrelationOptions,
} from "./lib/search/training_correlation.ts";
export { hypervolume } from "./lib/search/hypervolume.ts";
export { nonDominatedSort, paretoFront, type Point } from "./lib/search/pareto.ts";
export { type RankCorrelation, rankCorrelation } from "./lib/search/rank_correlation.ts";
export { Draws } from "./lib/draws.ts";

// Graphs: to build and train something else
export { type ConstantData, Graph, type Node } from "./lib/graph/graph.ts";
export { differentiate, type DifferentiateOptions } from "./lib/graph/differentiate.ts";
export { type Plan, plan } from "./lib/graph/plan.ts";
export type { Cost } from "./lib/graph/cost.ts";
export type { Contribution, GradientContext, Op } from "./lib/graph/op.ts";
export {
  type Dispatch,
  float,
  grid,
  type Kernel,
  type KernelConstant,
  type Scratch,
  type Target,
  TILED_OPS,
  type TiledOp,
  type View,
  whole,
} from "./lib/ops/dispatch.ts";
export type { Instruction } from "./lib/ops/instruction.ts";
export { defineOp, type Kernels } from "./lib/ops/kernels.ts";
export { KERNEL_FILES, type KernelName } from "./lib/ops/kernel_files.ts";
export type { DType, Role, Tensor, TensorSpec } from "./lib/graph/tensor.ts";
export * from "./lib/ops/mod.ts";

// The study: how many times fewer tokens and FLOPs one way to begin needs than another to the same loss
export { study, type StudyRunOptions } from "./lib/study/study.ts";
export { reportStudy } from "./lib/study/report.ts";
export type { StudyOptions } from "./lib/study/config.ts";
export { type Arm, type LessonName, lessonNames, type StartName, startNames } from "./lib/study/arms.ts";
export type { CellResult } from "./lib/study/results.ts";
export type { ArmSummary, BudgetSummary, StudyFrame, StudySummary } from "./lib/study/summary.ts";
export type { BaselineComparison, BaselineMatch } from "./lib/study/baseline.ts";
export type { Ablation } from "./lib/study/ablation.ts";
export type { StudyCorrelation } from "./lib/study/correlation.ts";
export { type Match, matchOf, type Needed, neededFor, type Outcome } from "./lib/study/match.ts";
