// Types of the API's JSON, made from /openapi.json. Do not edit: CONTRIBUTING.md says how to make them anew.

/** An API key without its secret, as lists show it. Times are Unix seconds. */
export type ApiKey = {
  id: string;
  object: string;
  name: string;
  scopes: string[];
  created_at: number;
  revoked_at: number | null;
  /** The key itself: only in the answer that makes it. */
  key?: string;
};

/** The body of `POST /api/keys`. */
export type ApiKeyRequest = {
  name?: string | null;
  scopes?: string[] | null;
};

export type ApplyTemplateRequest = {
  messages?: RequestMessage[] | null;
  tools?: unknown[] | null;
  add_generation_prompt?: boolean | null;
  chat_template_kwargs?: Record<string, unknown> | null;
  model?: string | null;
};

/** What the caller may do. */
export type CallerAccess = {
  /** The name of its key; null where none is asked for. */
  key?: string | null;
  /** All that it may do, whether the key says so or an admin's key includes it. */
  scopes: string[];
  object: string;
};

export type ChatChoice = {
  index: number;
  message: ResponseMessage;
  logprobs?: null | ChoiceLogprobs;
  finish_reason: string | null;
};

export type ChatCompletion = {
  id: string;
  object: string;
  created: number;
  model: string;
  choices: ChatChoice[];
  usage?: null | Usage;
  system_fingerprint?: string | null;
  service_tier?: string | null;
  timings?: null | Timings;
};

export type ChatCompletionChunk = {
  id: string;
  object: string;
  created: number;
  model: string;
  system_fingerprint?: string | null;
  choices: ({
    index: number;
    delta: {
      role?: string | null;
      content?: string | null;
      reasoning_content?: string | null;
      tool_calls?: ({
        index: number;
        id?: string | null;
        type?: string | null;
        function?: {
          name?: string | null;
          arguments?: string | null;
        };
      })[] | null;
    };
    logprobs?: {
      content: ({
        token: string;
        logprob: number;
        bytes: number[] | null;
        top_logprobs?: ({
          token: string;
          logprob: number;
          bytes: number[] | null;
          top_logprobs?: unknown[] | null;
        })[] | null;
      })[] | null;
      refusal?: ({
        token: string;
        logprob: number;
        bytes: number[] | null;
        top_logprobs?: unknown[] | null;
      })[] | null;
    };
    finish_reason: string | null;
  })[];
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: {
      cached_tokens: number;
      audio_tokens: number;
    };
    completion_tokens_details?: {
      reasoning_tokens: number;
      audio_tokens: number;
      accepted_prediction_tokens: number;
      rejected_prediction_tokens: number;
    };
  } | null;
  timings?: {
    cache_n: number;
    prompt_n: number;
    prompt_ms: number;
    prompt_per_second: number;
    predicted_n: number;
    predicted_ms: number;
    predicted_per_second: number;
  };
};

export type ChatCompletionRequest = {
  messages?: RequestMessage[] | null;
  max_completion_tokens?: number | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
  response_format?: unknown;
  tools?: unknown;
  tool_choice?: unknown;
  parallel_tool_calls?: boolean | null;
  chat_template_kwargs?: Record<string, unknown> | null;
  safety_identifier?: string | null;
  prompt_cache_key?: string | null;
  service_tier?: string | null;
  store?: boolean | null;
  metadata?: Record<string, string> | null;
  model?: string | null;
  max_tokens?: number | null;
  stop?: string | string[] | null;
  ignore_eos?: boolean | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  min_p?: number | null;
  typical_p?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  repetition_penalty?: number | null;
  repeat_penalty?: number | null;
  repeat_last_n?: number | null;
  dry_multiplier?: number | null;
  dry_base?: number | null;
  dry_allowed_length?: number | null;
  dry_penalty_last_n?: number | null;
  dry_sequence_breakers?: string[] | null;
  xtc_probability?: number | null;
  xtc_threshold?: number | null;
  mirostat?: number | null;
  mirostat_tau?: number | null;
  mirostat_eta?: number | null;
  seed?: number | null;
  logit_bias?: Record<string, number> | null;
  n?: number | null;
  cache_prompt?: boolean | null;
  stream?: boolean | null;
  stream_options?: null | StreamOptions;
  user?: string | null;
};

export type ChoiceLogprobs = {
  content: TokenLogprob[] | null;
  refusal?: TokenLogprob[] | null;
};

export type CompletionLogprobs = {
  tokens: string[];
  token_logprobs: number[];
  top_logprobs: Record<string, number>[];
  text_offset: number[];
};

export type CompletionTokensDetails = {
  reasoning_tokens: number;
  audio_tokens: number;
  accepted_prediction_tokens: number;
  rejected_prediction_tokens: number;
};

export type ContentPart = {
  type: 'text' | 'refusal';
  text?: string | null;
  refusal?: string | null;
};

/** A conversation: a tree of messages, of which one branch is shown. */
export type Conversation = {
  id: string;
  object: string;
  title: string;
  created_at: number;
  updated_at: number;
  /** The branch that is shown, oldest first: the newest, or the one that the user has stepped to. */
  messages: ConversationMessage[];
  /** What the other branches have besides, oldest first: regenerated replies, edited questions, and all that followed them. */
  other_messages: ConversationMessage[];
  /** What the last reply shown was asked with, but for the messages. */
  request: ChatCompletionRequest | null;
};

/** The body of `PATCH /api/conversations/{id}`. */
export type ConversationChange = {
  title?: string | null;
  /** The last reply of the branch to show from now on. */
  shown?: string | null;
};

/** A file of conversations. */
export type ConversationExportOfConversation = {
  object?: string | null;
  data: Conversation[];
};

/** A file of conversations. */
export type ConversationExportOfExportedConversation = {
  object?: string | null;
  data: ExportedConversation[];
};

/** What an import added. */
export type ConversationImportReport = {
  imported: number;
  duplicates: number;
  replies: number;
  errors: ConversationProblem[];
  object: string;
};

export type ConversationMessage = {
  /** Its place in the tree. Replies that say the same share it; their completions tell them apart. */
  id: number;
  /** The message before it; null at the beginning. */
  parent_id: number | null;
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content: string | null;
  /** What a reply that was thought over thought. */
  reasoning_content: string | null;
  /** Null where the message is no logged reply. */
  completion_id: string | null;
  /** The version that wrote the reply. */
  version: number | null;
  model: string | null;
  finish_reason: string | null;
  created_at: number;
  rating: null | RatingSummary;
};

/** Why a conversation is left out. */
export type ConversationProblem = {
  index: number;
  message: string;
};

/** A conversation in a list. Times are Unix seconds. */
export type ConversationSummary = {
  id: string;
  object: string;
  title: string;
  created_at: number;
  updated_at: number;
};

export type CurvePoint = {
  step: number;
  loss: number | null;
  val_loss: number | null;
};

/** The body of `PATCH /api/dataset/{id}`. */
export type DatasetChange = {
  status?: 'accepted' | 'excluded' | null;
  messages?: RequestMessage[] | null;
};

/** An example of `GET /api/dataset`, with the runs that used it. Times are Unix seconds. */
export type DatasetItem = {
  id: string;
  object: string;
  completion_id: string | null;
  conversation_id: string | null;
  status: 'accepted' | 'excluded' | 'withdrawn';
  source: 'rating' | 'correction' | 'edit' | 'import';
  /** Of an import: file and line. */
  origin: string | null;
  /** What it was imported with. */
  import_id: string | null;
  split: 'train' | 'held_out' | null;
  messages: ExampleMessage[];
  tools: unknown;
  runs: string[];
  /** Versions that were trained on it. */
  versions: number[];
  flags: string[];
  created_at: number;
  updated_at: number;
};

export type DetokenizeRequest = {
  tokens?: number[] | null;
  model?: string | null;
};

export type DetokenizedText = {
  content: string;
};

export type EmbeddingList = {
  object: string;
  data: EmbeddingObject[];
  model: string;
  usage: EmbeddingUsage;
};

export type EmbeddingObject = {
  object: string;
  index: number;
  embedding: number[] | string;
};

export type EmbeddingRequest = {
  model?: string | null;
  input?: string | string[] | number[] | number[][] | null;
  encoding_format?: string | null;
  dimensions?: number | null;
  user?: string | null;
};

export type EmbeddingUsage = {
  prompt_tokens: number;
  total_tokens: number;
};

/** What was deleted, and what has learned from it before. */
export type Erased = {
  /** Of what was deleted. */
  id: string;
  /** Its kind. */
  object: string;
  /** Examples that went with it. */
  examples: number;
  /** Versions that were trained on them and are still there. */
  versions: number[];
  /** The run that was learning from it. */
  cancelled_run?: string | null;
  /** What can be done, in words. */
  note: string;
  deleted: boolean;
};

/** What JsonElement DatasetItem.Messages holds: a message as it is stored. */
export type ExampleMessage = {
  role: string;
  content?: string | null;
  name?: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
  tool_call_id?: string | null;
};

/** A conversation as `GET /api/conversations/{id}` shows it and files hold it: of another server, another program or somebody's hand, so nothing is taken for granted. Without ids its messages follow one another. What is not read here is no error: newer programs may write more. */
export type ExportedConversation = {
  id?: string | null;
  title?: string | null;
  created_at?: number | null;
  updated_at?: number | null;
  messages?: ExportedMessage[] | null;
  other_messages?: ExportedMessage[] | null;
  request?: null | ChatCompletionRequest;
};

export type ExportedMessage = {
  id?: number | null;
  parent_id?: number | null;
  role?: string | null;
  content?: string | ContentPart[] | null;
  reasoning_content?: string | null;
  completion_id?: string | null;
  model?: string | null;
  finish_reason?: string | null;
  created_at?: number | null;
  rating?: null | ExportedRating;
};

export type ExportedRating = {
  rating?: string | null;
  correction?: string | null;
  comment?: string | null;
};

/** The body of `POST /api/feedback`. */
export type FeedbackRequest = {
  completion_id?: string | null;
  /** "up", "down", or null to withdraw. As an element: a missing rating is an error, null is not. */
  rating: 'up' | 'down' | null;
  /** The reply that the user wants instead. */
  correction?: string | null;
  comment?: string | null;
};

/** One figure of the candidate and of the version that was in service. */
export type GateFigure = {
  candidate: number;
  active: number;
};

/** The decision with its reasons in words, and the figures behind it. */
export type GateVerdict = {
  accepted: boolean;
  reasons: string[];
  /** Of each reason; none in verdicts of older programs. */
  reason_codes: ReasonCode[];
  /** By name; compared ones hold both values. */
  figures: Record<string, GateFigure>;
};

export type HealthState = {
  status: string;
};

/** The body of `PATCH /api/dataset/imports/{id}`. */
export type ImportChange = {
  status?: 'accepted' | 'excluded' | null;
};

/** Why a row is none. */
export type ImportError = {
  line: number;
  message: string;
};

export type ImportPreview = {
  line: number;
  status: 'accepted' | 'excluded';
  flags: string[];
  messages: ExampleMessage[];
};

/** What an import added, or would add. */
export type ImportReport = {
  object: string;
  /** For `/api/dataset/imports/{id}`; null where nothing was added. */
  id: string | null;
  file: string;
  dry_run: boolean;
  /** Lines that are not blank. */
  rows: number;
  accepted: number;
  /** Kept aside for their flags. */
  excluded: number;
  /** Left out: they say what another example says. */
  duplicates: number;
  /** Bad rows, all of them counted, the first ones named. */
  bad_rows: number;
  errors: ImportError[];
  /** The first ones. */
  examples: ImportPreview[];
};

/** The body of `POST /api/dataset/import`. As JSON, because other types of content are refused: a form could send them. */
export type ImportRequest = {
  /** The file's name, for the examples to remember. */
  file?: string | null;
  /** What is in it; of a file that is no text string? ImportRequest.Base64. */
  text?: string | null;
  /** Its bytes in Base64: for XLSX. */
  base64?: string | null;
  /** Only tell what would be imported. */
  dry_run?: boolean | null;
};

/** What was imported at once. `created_at` in Unix seconds. */
export type ImportSummary = {
  id: string;
  object: string;
  file: string;
  /** Examples of it that are left, whatever their status. */
  examples: number;
  accepted: number;
  /** Kept aside. */
  excluded: number;
  created_at: number;
};

export type ListPageOfApiKey = {
  object: string;
  data: ApiKey[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfConversationSummary = {
  object: string;
  data: ConversationSummary[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfDatasetItem = {
  object: string;
  data: DatasetItem[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfImportSummary = {
  object: string;
  data: ImportSummary[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfLogLine = {
  object: string;
  data: LogLine[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfModelVersion = {
  object: string;
  data: ModelVersion[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfPreference = {
  object: string;
  data: Preference[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfPreset = {
  object: string;
  data: Preset[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfRun = {
  object: string;
  data: Run[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfStoredCompletion = {
  object: string;
  data: StoredCompletion[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfStoredMessage = {
  object: string;
  data: StoredMessage[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

/** A line of the log. `time` in Unix milliseconds. */
export type LogLine = {
  id: number;
  time: number;
  level: string;
  source: string;
  message: string;
};

export type ModelList = {
  object: string;
  data: ModelObject[];
};

export type ModelObject = {
  id: string;
  object: string;
  created: number;
  owned_by: string;
  status?: 'refused' | null;
};

/** A version of the assistant: an immutable file and where it came from. `created_at` in Unix seconds on the wire. */
export type ModelVersion = {
  number: number;
  object: string;
  active: boolean;
  created_at: number;
  /** Name of the model that it was trained from. */
  base: string;
  base_sha256: string;
  run_id: string | null;
  /** Below the data folder; the base's own file name for number 0. */
  file: string;
  /** Below the data folder; null where it is merged into the file. */
  adapter: string | null;
  type: string;
  /** Of the file, or of the adapter where there is one: what was measured is what serves. Null for the base and what older programs wrote. */
  sha256?: string | null;
  bytes: number;
  figures: Record<string, GateFigure>;
  /** What the gate said of it: VersionStatus. A refused one serves only when a person asks for it. */
  status: 'accepted' | 'refused';
  gate?: null | GateVerdict;
  /** Why it was taken out of service by itself; null: nothing is known against it. */
  problem?: string | null;
  /** When its files were deleted (Unix seconds); null while they are there. */
  removed_at?: number | null;
  /** Why nobody may delete its files: VersionKept; null for all others. */
  kept?: 'base' | 'in_service' | 'way_back' | null;
};

export type OpenAiError = {
  message: string;
  type: string;
  param?: string | null;
  code?: string | null;
  n_prompt_tokens?: number | null;
  n_ctx?: number | null;
};

export type OpenAiErrorBody = {
  error: OpenAiError;
};

/** The policy as `GET /api/training` shows it. */
export type PolicyState = {
  enabled: boolean;
  min_new_examples: number;
  reason: string;
  reason_code: ReasonCode;
};

/** Of two replies to the same question, the one that the user prefers. */
export type Preference = {
  object: string;
  chosen_id: string;
  rejected_id: string;
  conversation_id: string;
  chosen: string;
  rejected: string;
  chosen_model: string;
  rejected_model: string;
  created_at: number;
};

/** A system prompt and parameters under a name, for chats to begin with. `updated_at` in Unix seconds. */
export type Preset = {
  id: string;
  object: string;
  name: string;
  /** The system prompt; empty for none. */
  system: string;
  /** Model and sampling, as a chat request has them. */
  request: ChatCompletionRequest;
  updated_at: number;
};

/** The body of `POST /api/presets`. */
export type PresetRequest = {
  name?: string | null;
  system?: string | null;
  request?: ChatCompletionRequest | null;
};

export type PromptTokensDetails = {
  cached_tokens: number;
  audio_tokens: number;
};

/** The rating of a reply that counts now. */
export type RatingSummary = {
  rating: 'up' | 'down';
  correction?: string | null;
  comment?: string | null;
};

/** A reason without its words. Codes and names of values stay: pages rely on them. */
export type ReasonCode = {
  code: string;
  values: Record<string, number>;
};

export type Removed = {
  id: string;
  object: string;
  deleted: boolean;
};

export type RenderedTemplate = {
  prompt: string;
};

export type RequestMessage = {
  role?: string | null;
  content?: string | ContentPart[] | null;
  name?: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
  tool_call_id?: string | null;
};

export type ResponseMessage = {
  role: string;
  content: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
};

/** One attempt to learn, from "Train now" to the new version in service or the reason why not. Times are Unix seconds. */
export type Run = {
  id: string;
  object: string;
  status: 'queued' | 'preparing' | 'training' | 'exporting' | 'evaluating' | 'succeeded' | 'refused' | 'failed' | 'cancelled';
  created_at: number;
  finished_at?: number | null;
  /** Accepted examples that it trains on. */
  examples: number;
  /** Accepted examples that it is only measured on. */
  held_out: number;
  progress?: null | RunProgress;
  gate?: null | GateVerdict;
  /** The version that came of it; of a refused run one that does not serve by itself. */
  version?: number | null;
  error?: string | null;
  options: RunOptions;
  /** Only where one run is asked for. */
  curve?: CurvePoint[];
};

export type RunOptions = {
  epochs?: number | null;
  rank?: number | null;
  alpha?: number | null;
  rank_stabilized?: boolean | null;
  targets?: string | null;
  dropout?: number | null;
  learning_rate?: number | null;
  schedule?: 'cosine' | 'linear' | 'constant' | null;
  warmup?: number | null;
  weight_decay?: number | null;
  max_gradient_norm?: number | null;
  batch_size?: number | null;
  sequence_length?: number | null;
  early_stopping?: number | null;
  seed?: number | null;
  train_reasoning?: boolean | null;
  gradient_checkpointing?: 'auto' | 'on' | 'off' | null;
  device?: string | null;
  export_type?: 'Q4_K_M' | 'Q5_K_M' | 'Q6_K' | 'Q8_0' | 'F16' | 'BF16' | null;
};

/** What the trainer last told. */
export type RunProgress = {
  step: number;
  steps: number;
  loss?: number | null;
  val_loss?: number | null;
  tokens_per_second?: number | null;
  seconds_left?: number | null;
};

/** The body of `POST /api/training/start`; may be absent. */
export type StartRequest = {
  options?: null | RunOptions;
};

/** A logged reply as OpenAI's stored completions show it: the reply, and the parameters that it was asked with. */
export type StoredCompletion = {
  id: string;
  object: string;
  created: number;
  model: string;
  choices: ChatChoice[];
  usage?: null | Usage;
  system_fingerprint: string;
  request_id: string;
  metadata: Record<string, string> | null;
  input_user?: string | null;
  service_tier: string;
  seed?: number | null;
  temperature: number;
  top_p: number;
  presence_penalty: number;
  frequency_penalty: number;
  tools?: unknown;
  tool_choice?: unknown;
  response_format?: unknown;
};

/** The body of `POST /v1/chat/completions/{id}`. */
export type StoredCompletionChange = {
  /** Replaces all of it; null takes it away. */
  metadata?: Record<string, string> | null;
};

/** The answer of `DELETE /v1/chat/completions/{id}`. */
export type StoredCompletionDeleted = {
  id: string;
  object: string;
  deleted: boolean;
};

/** A message that a stored completion answered to. */
export type StoredMessage = {
  id: string;
  role: string;
  content: string | null;
  name?: string | null;
  content_parts?: string[] | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
  tool_call_id?: string | null;
};

/** The rating of a reply, as `POST /api/feedback` answers. Times are Unix seconds. */
export type StoredRating = {
  object: string;
  completion_id: string;
  rating: 'up' | 'down' | null;
  correction: string | null;
  comment: string | null;
  created_at: number;
  /** What the next run would learn from it; null: nothing. */
  example_id: string | null;
  example_status: 'accepted' | 'excluded' | 'withdrawn' | null;
};

export type StreamOptions = {
  include_usage?: boolean | null;
  include_obfuscation?: boolean | null;
};

export type TextChoice = {
  text: string;
  index: number;
  logprobs?: null | CompletionLogprobs;
  finish_reason: string | null;
};

export type TextCompletion = {
  id: string;
  object: string;
  created: number;
  model: string;
  choices: TextChoice[];
  usage?: Usage | null;
  system_fingerprint?: string | null;
  timings?: null | Timings;
};

export type TextCompletionRequest = {
  prompt?: string | string[] | number[] | number[][] | null;
  suffix?: string | null;
  echo?: boolean | null;
  logprobs?: number | null;
  best_of?: number | null;
  model?: string | null;
  max_tokens?: number | null;
  stop?: string | string[] | null;
  ignore_eos?: boolean | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  min_p?: number | null;
  typical_p?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  repetition_penalty?: number | null;
  repeat_penalty?: number | null;
  repeat_last_n?: number | null;
  dry_multiplier?: number | null;
  dry_base?: number | null;
  dry_allowed_length?: number | null;
  dry_penalty_last_n?: number | null;
  dry_sequence_breakers?: string[] | null;
  xtc_probability?: number | null;
  xtc_threshold?: number | null;
  mirostat?: number | null;
  mirostat_tau?: number | null;
  mirostat_eta?: number | null;
  seed?: number | null;
  logit_bias?: Record<string, number> | null;
  n?: number | null;
  cache_prompt?: boolean | null;
  stream?: boolean | null;
  stream_options?: null | StreamOptions;
  user?: string | null;
};

export type Timings = {
  cache_n: number;
  prompt_n: number;
  prompt_ms: number;
  prompt_per_second: number;
  predicted_n: number;
  predicted_ms: number;
  predicted_per_second: number;
};

export type TokenList = {
  tokens: number[] | TokenPiece[];
};

export type TokenLogprob = {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top_logprobs?: TokenLogprob[] | null;
};

export type TokenPiece = {
  id: number;
  piece: string | number[];
};

export type TokenizeRequest = {
  content?: string | null;
  add_special?: boolean | null;
  parse_special?: boolean | null;
  with_pieces?: boolean | null;
  model?: string | null;
};

export type ToolCall = {
  id?: string | null;
  type?: string | null;
  function?: null | ToolCallFunction;
};

export type ToolCallFunction = {
  name?: string | null;
  arguments?: string | null;
};

/** The answer of `GET /api/training`. */
export type TrainingState = {
  policy: PolicyState;
  waiting: Waiting;
  run: null | Run;
  runs: Run[];
};

export type Usage = {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: null | PromptTokensDetails;
  completion_tokens_details?: null | CompletionTokensDetails;
};

/** What waits for the next run. */
export type Waiting = {
  examples: number;
  new: number;
  /** Learned by the version in service, accepted no more, or deleted. */
  removed: number;
  /** Accepted or edited since the last run began, whatever came of it. */
  since_last_run: number;
};
