// Types of the API's JSON, made from /openapi.json. Do not edit: CONTRIBUTING.md says how to make them anew.

export type ApiKey = {
  id: string;
  object: string;
  name: string;
  scopes: string[];
  created_at: number;
  revoked_at: number | null;
  key?: string;
};

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

export type CallerAccess = {
  key?: string | null;
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

export type Conversation = {
  id: string;
  object: string;
  title: string;
  created_at: number;
  updated_at: number;
  messages: ConversationMessage[];
  other_messages: ConversationMessage[];
  request: ChatCompletionRequest | null;
};

export type ConversationChange = {
  title?: string | null;
  shown?: string | null;
};

export type ConversationExportOfConversation = {
  object?: string | null;
  data: Conversation[];
};

export type ConversationExportOfExportedConversation = {
  object?: string | null;
  data: ExportedConversation[];
};

export type ConversationImportReport = {
  imported: number;
  duplicates: number;
  replies: number;
  errors: ConversationProblem[];
  object: string;
};

export type ConversationMessage = {
  id: number;
  parent_id: number | null;
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content: string | null;
  reasoning_content: string | null;
  completion_id: string | null;
  version: number | null;
  model: string | null;
  finish_reason: string | null;
  created_at: number;
  rating: null | RatingSummary;
};

export type ConversationProblem = {
  index: number;
  message: string;
};

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

export type DatasetChange = {
  status?: 'accepted' | 'excluded' | null;
  messages?: RequestMessage[] | null;
  rewordings?: Rewording[] | null;
};

export type DatasetItem = {
  id: string;
  object: string;
  completion_id: string | null;
  conversation_id: string | null;
  status: 'accepted' | 'excluded' | 'withdrawn';
  source: 'rating' | 'correction' | 'edit' | 'import';
  origin: string | null;
  import_id: string | null;
  split: 'train' | 'held_out' | 'test' | null;
  messages: ExampleMessage[];
  tools: unknown;
  runs: string[];
  versions: number[];
  flags: string[];
  rewordings: Rewording[];
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

export type Erased = {
  id: string;
  object: string;
  examples: number;
  versions: number[];
  cancelled_run?: string | null;
  note: string;
  deleted: boolean;
  erasure?: string | null;
  retrains: boolean;
};

export type ErasedExample = {
  sha256: string;
  source: 'rating' | 'correction' | 'edit' | 'import';
};

export type ErasedReplies = {
  asked: number;
  note?: string | null;
  figures: ErasedReplyFigures[];
};

export type ErasedReplyFigures = {
  sha256: string;
  loss: number;
  base_loss: number;
  written: boolean;
  base_written: boolean;
  samples: number;
  drawn: number;
  base_drawn: number;
};

export type ErasureCertificate = {
  id: string;
  object: string;
  status: 'pending' | 'done' | 'failed';
  reason?: string | null;
  created_at: number;
  finished_at?: number | null;
  kind: 'conversation' | 'chat.completion' | 'dataset.import';
  examples: ErasedExample[];
  held_by: number[];
  run?: string | null;
  version?: number | null;
  deleted: string[];
  replies?: null | ErasedReplies;
  search?: null | SearchedFiles;
};

export type ExampleMessage = {
  role: string;
  content?: string | null;
  name?: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
  tool_call_id?: string | null;
};

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

export type FeedbackRequest = {
  completion_id?: string | null;
  rating: 'up' | 'down' | null;
  correction?: string | null;
  comment?: string | null;
};

export type GateFigure = {
  candidate: number;
  active?: number | null;
  base?: number | null;
};

export type GateVerdict = {
  accepted: boolean;
  reasons: string[];
  reason_codes: ReasonCode[];
  taught?: null | TaughtCount;
  figures: Record<string, GateFigure>;
};

export type HealthState = {
  status: string;
};

export type ImportChange = {
  status?: 'accepted' | 'excluded' | null;
};

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

export type ImportReport = {
  object: string;
  id: string | null;
  file: string;
  dry_run: boolean;
  rows: number;
  accepted: number;
  excluded: number;
  duplicates: number;
  bad_rows: number;
  errors: ImportError[];
  examples: ImportPreview[];
};

export type ImportRequest = {
  file?: string | null;
  text?: string | null;
  base64?: string | null;
  dry_run?: boolean | null;
};

export type ImportSummary = {
  id: string;
  object: string;
  file: string;
  examples: number;
  accepted: number;
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

export type ListPageOfErasureCertificate = {
  object: string;
  data: ErasureCertificate[];
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

export type ListPageOfVersionExample = {
  object: string;
  data: VersionExample[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

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

export type ModelVersion = {
  number: number;
  object: string;
  active: boolean;
  created_at: number;
  base: string;
  base_sha256: string;
  run_id: string | null;
  file: string;
  adapter: string | null;
  type: string;
  sha256?: string | null;
  bytes: number;
  figures: Record<string, GateFigure>;
  status: 'accepted' | 'refused';
  gate?: null | GateVerdict;
  problem?: string | null;
  removed_at?: number | null;
  erasure?: string | null;
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

export type PolicyState = {
  enabled: boolean;
  min_new_examples: number;
  reason: string;
  reason_code: ReasonCode;
};

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

export type Preset = {
  id: string;
  object: string;
  name: string;
  system: string;
  request: ChatCompletionRequest;
  updated_at: number;
};

export type PresetRequest = {
  name?: string | null;
  system?: string | null;
  request?: ChatCompletionRequest | null;
};

export type PromptTokensDetails = {
  cached_tokens: number;
  audio_tokens: number;
};

export type RatingSummary = {
  rating: 'up' | 'down';
  correction?: string | null;
  comment?: string | null;
};

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

export type Rewording = {
  text: string;
  enabled: boolean;
  key_words: boolean;
};

export type Run = {
  id: string;
  object: string;
  status: 'queued' | 'preparing' | 'training' | 'exporting' | 'evaluating' | 'succeeded' | 'refused' | 'failed' | 'cancelled';
  created_at: number;
  finished_at?: number | null;
  examples: number;
  held_out: number;
  progress?: null | RunProgress;
  gate?: null | GateVerdict;
  version?: number | null;
  error?: string | null;
  options: RunOptions;
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

export type RunProgress = {
  step: number;
  steps: number;
  loss?: number | null;
  val_loss?: number | null;
  tokens_per_second?: number | null;
  seconds_left?: number | null;
};

export type SearchedFiles = {
  texts: number;
  files: number;
  bytes: number;
  found: string[];
  elsewhere: string[];
  unread: string[];
};

export type StartRequest = {
  options?: null | RunOptions;
};

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

export type StoredCompletionChange = {
  metadata?: Record<string, string> | null;
};

export type StoredCompletionDeleted = {
  id: string;
  object: string;
  deleted: boolean;
  erasure?: string | null;
};

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

export type StoredRating = {
  object: string;
  completion_id: string;
  rating: 'up' | 'down' | null;
  correction: string | null;
  comment: string | null;
  created_at: number;
  example_id: string | null;
  example_status: 'accepted' | 'excluded' | 'withdrawn' | null;
};

export type StreamOptions = {
  include_usage?: boolean | null;
  include_obfuscation?: boolean | null;
};

export type TaughtCount = {
  of: number;
  asked: number;
  learned: number;
  partly: number;
  not_learned: number;
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

export type TrainingChange = {
  automatic?: boolean | null;
};

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

export type VersionExample = {
  id: string;
  object: string;
  messages: ExampleMessage[];
  changed: boolean;
  verdict: 'learned' | 'partly' | 'not_learned' | null;
  loss_before: number | null;
  loss_after: number | null;
  writes: string | null;
  otherwise: string | null;
  draws: number | null;
  right_draws: number | null;
};

export type Waiting = {
  examples: number;
  new: number;
  removed: number;
  contradictions: number;
  since_last_run: number;
};
