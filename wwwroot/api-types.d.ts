// Types of the API's JSON, made from /openapi.json. Do not edit: CONTRIBUTING.md says how to make them anew.

export type AnthropicError = {
  type: string;
  message: string;
};

export type AnthropicErrorBody = {
  type: string;
  error: AnthropicError;
};

export type ApiKey = {
  id: string;
  object: string;
  name: string;
  scopes: string[];
  assistants?: string[] | null;
  created_at: number;
  revoked_at: number | null;
  key?: string;
};

export type ApiKeyRequest = {
  name?: string | null;
  scopes?: string[] | null;
  assistants?: string[] | null;
};

export type ApplyTemplateRequest = {
  messages?: RequestMessage[] | null;
  tools?: unknown[] | null;
  add_generation_prompt?: boolean | null;
  chat_template_kwargs?: Record<string, unknown> | null;
  model?: string | null;
};

export type AssistantErased = {
  id: string;
  examples: number;
  conversations: number;
  versions: number;
  runs: number;
  object: string;
  deleted: boolean;
  backups: string[];
};

export type AssistantForm = {
  file: IFormFile;
  id?: string | null;
  base?: string | null;
};

export type AssistantLearning = {
  automatic: boolean;
  version?: number | null;
  versions: number;
  examples: number;
  new: number;
};

export type AssistantRequest = {
  id?: string | null;
  from?: string | null;
  name?: string | null;
  avatar?: string | null;
  base?: string | null;
  system?: string | null;
  request?: ChatCompletionRequest | null;
  vector_store_ids?: string[] | null;
  learning?: null | LearningRequest;
};

export type AssistantView = {
  id: string;
  object: string;
  name: string;
  avatar: string;
  base: string;
  system: string;
  request: ChatCompletionRequest;
  vector_store_ids: string[];
  learning: AssistantLearning;
  problem: string | null;
  created_at: number;
};

export type AttributeFilter = {
  type?: string | null;
  key?: string | null;
  value?: string | number | boolean | unknown[] | null;
  filters?: AttributeFilter[] | null;
};

export type BlockSource = {
  type?: string | null;
  data?: string | null;
};

export type Bout = {
  right: number;
  wins: number;
  ties: number;
  losses: number;
  least: number;
  most: number;
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
  metadata?: Record<string, string> | null;
  timings?: null | Timings;
  sources?: DocumentSource[] | null;
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
      function_call?: {
        name?: string | null;
        arguments?: string | null;
      };
      annotations?: ({
        type: string;
        index: number;
        file_id: string;
        filename: string;
        source: {
          id: number;
          vector_store_id: string;
          file_id: string;
          filename: string;
          heading: string;
          place: 'page' | 'slide' | 'row' | 'line' | 'none';
          first: number;
          last: number;
          score: number;
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
    draft_n?: number | null;
    draft_n_accepted?: number | null;
  };
  sources?: ({
    id: number;
    vector_store_id: string;
    file_id: string;
    filename: string;
    heading: string;
    place: 'page' | 'slide' | 'row' | 'line' | 'none';
    first: number;
    last: number;
    score: number;
  })[] | null;
};

export type ChatCompletionRequest = {
  messages?: RequestMessage[] | null;
  max_completion_tokens?: number | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
  response_format?: unknown;
  guided_choice?: string[] | null;
  guided_regex?: string | null;
  tools?: unknown;
  tool_choice?: unknown;
  parallel_tool_calls?: boolean | null;
  reasoning_effort?: string | null;
  modalities?: string[] | null;
  prediction?: null | PredictedContent;
  functions?: unknown;
  function_call?: unknown;
  chat_template_kwargs?: Record<string, unknown> | null;
  vector_store_ids?: string[] | null;
  truncation?: 'auto' | 'disabled' | 'drop' | 'summary' | null;
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
  'speculative.n_max'?: number | null;
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
  assistant: string;
  title: string;
  pinned: boolean;
  archived: boolean;
  tags: string[];
  created_at: number;
  updated_at: number;
  messages: ConversationMessage[];
  other_messages: ConversationMessage[];
  request: ChatCompletionRequest | null;
};

export type ConversationChange = {
  title?: string | null;
  shown?: string | null;
  pinned?: boolean | null;
  archived?: boolean | null;
  tags?: string[] | null;
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
  variant: number;
  parent_id: number | null;
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_calls: ToolCall[] | null;
  tool_call_id: string | null;
  vector_store_ids: string[] | null;
  reasoning_content: string | null;
  completion_id: string | null;
  version: number | null;
  model: string | null;
  finish_reason: string | null;
  created_at: number;
  rating: null | RatingSummary;
  recalled: string[];
  sources: DocumentSource[] | null;
  tokens: number | null;
  folded: number;
  is_summarised: boolean;
};

export type ConversationProblem = {
  index: number;
  message: string;
};

export type ConversationSummary = {
  id: string;
  object: string;
  assistant: string;
  title: string;
  pinned: boolean;
  archived: boolean;
  tags: string[];
  created_at: number;
  updated_at: number;
};

export type ConversationTag = {
  object: string;
  tag: string;
  conversations: number;
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

export type DatasetColumn = {
  name: string;
  use?: string | null;
  guess?: string | null;
  samples: string[];
};

export type DatasetItem = {
  id: string;
  object: string;
  completion_id: string | null;
  conversation_id: string | null;
  status: 'accepted' | 'unwanted' | 'excluded' | 'withdrawn';
  source: 'rating' | 'rejection' | 'correction' | 'follow_up' | 'edit' | 'import';
  origin: string | null;
  import_id: string | null;
  split: 'train' | 'held_out' | 'test' | null;
  messages: ExampleMessage[];
  tools: unknown;
  runs: string[];
  versions: number[];
  flags: string[];
  reasons: string[];
  rewordings: Rewording[];
  created_at: number;
  updated_at: number;
};

export type DatasetNotice = {
  kind: string;
  text: string;
  count: number;
  rows: number[];
  details: string[];
};

export type DatasetSpeaker = {
  name: string;
  messages: number;
};

export type DetokenizeRequest = {
  tokens?: number[] | null;
  model?: string | null;
};

export type DetokenizedText = {
  content: string;
};

export type DocumentSource = {
  id: number;
  vector_store_id: string;
  file_id: string;
  filename: string;
  heading: string;
  place: 'page' | 'slide' | 'row' | 'line' | 'none';
  first: number;
  last: number;
  score: number;
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

export type ErasedConversations = {
  conversations: number;
  data: Erased[];
  object: string;
};

export type ErasedExample = {
  sha256: string;
  source: 'rating' | 'rejection' | 'correction' | 'follow_up' | 'edit' | 'import';
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
  reasons?: string[] | null;
};

export type FeedbackRequest = {
  completion_id?: string | null;
  rating: 'up' | 'down' | null;
  correction?: string | null;
  comment?: string | null;
  reasons?: string[] | null;
};

export type FileCitation = {
  type: string;
  index: number;
  file_id: string;
  filename: string;
  source: DocumentSource;
};

export type FileContentPage = {
  data: TextContent[];
  object: string;
  has_more: boolean;
  next_page?: string | null;
};

export type FileCounts = {
  in_progress: number;
  completed: number;
  failed: number;
  cancelled: number;
  total: number;
};

export type FileError = {
  code: string;
  message: string;
};

export type FileForm = {
  purpose: 'fine-tune' | 'user_data' | 'assistants' | 'batch' | 'evals' | 'vision';
  file: IFormFile;
};

export type FileSearchResult = {
  file_id: string;
  filename: string;
  score: number;
};

export type FineTuningJob = {
  object: string;
  id: string;
  model: string;
  created_at: number;
  finished_at: number | null;
  fine_tuned_model: string | null;
  organization_id: string;
  result_files: string[];
  status: 'validating_files' | 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
  training_file: string;
  validation_file: string | null;
  hyperparameters: Hyperparameters;
  method: JobMethod;
  trained_tokens: number | null;
  error: null | JobError;
  integrations: unknown[];
  seed: number;
  estimated_finish: number | null;
  user_provided_suffix: string | null;
  metadata: Record<string, string> | null;
  run_id: string | null;
};

export type FollowUp = {
  object: string;
  completion_id: string;
  is_suggested: boolean;
  question: string | null;
  reply: string | null;
  example_id: string | null;
  example_status: 'accepted' | 'excluded' | 'withdrawn' | null;
};

export type FoundModel = {
  name: string;
  downloads: number;
  likes: number;
  license?: string | null;
  gated: boolean;
  architecture?: string | null;
  parameters?: number | null;
  context_length?: number | null;
  updated_at?: number | null;
  quantizations: string[];
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
  memory?: null | MemoryComparison;
  figures: Record<string, GateFigure>;
};

export type HealthState = {
  status: string;
};

export type Hyperparameters = {
  n_epochs?: number | string | null;
  batch_size?: number | string | null;
  learning_rate_multiplier?: number | string | null;
};

export type IFormFile = string;

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

export type ImportQuestion = {
  about: 'columns' | 'speaker';
  text: string;
};

export type ImportReport = {
  object: string;
  id: string | null;
  file: string;
  dry_run: boolean;
  format: string;
  chat_program: string | null;
  encoding: string | null;
  unit: 'line' | 'row' | 'item';
  question: null | ImportQuestion;
  columns: DatasetColumn[];
  speakers: DatasetSpeaker[];
  notices: DatasetNotice[];
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
  map?: Record<string, string> | null;
  as?: string | null;
  encoding?: string | null;
  chosen?: boolean | null;
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

export type IncompleteDetails = {
  reason: string;
};

export type InputBlock = {
  type?: string | null;
  text?: string | null;
  thinking?: string | null;
  id?: string | null;
  name?: string | null;
  input?: unknown;
  tool_use_id?: string | null;
  content?: string | unknown[] | null;
  is_error?: boolean | null;
  source?: null | BlockSource;
};

export type InputItem = {
  type?: string | null;
  role?: string | null;
  content?: string | InputPart[] | null;
  call_id?: string | null;
  name?: string | null;
  arguments?: string | null;
  input?: string | null;
  output?: string | InputPart[] | null;
  summary?: InputPart[] | null;
};

export type InputMessage = {
  role?: 'user' | 'assistant' | 'system' | null;
  content?: string | InputBlock[] | null;
};

export type InputPart = {
  type?: string | null;
  text?: string | null;
  refusal?: string | null;
};

export type InputTokensDetails = {
  cached_tokens: number;
};

export type JobCheckpoint = {
  object: string;
  id: string;
  created_at: number;
  fine_tuned_model_checkpoint: string;
  fine_tuning_job_id: string;
  step_number: number;
  metrics: StepMetrics;
};

export type JobError = {
  code: string;
  message: string;
  param?: string | null;
};

export type JobEvent = {
  object: string;
  id: string;
  created_at: number;
  level: 'info' | 'warn' | 'error';
  message: string;
  type: 'message' | 'metrics';
  data: null | StepMetrics;
};

export type JobMethod = {
  type?: string | null;
  supervised?: null | SupervisedMethod;
};

export type JobRequest = {
  model?: string | null;
  training_file?: string | null;
  validation_file?: string | null;
  suffix?: string | null;
  seed?: number | null;
  metadata?: Record<string, string> | null;
  method?: null | JobMethod;
  hyperparameters?: null | Hyperparameters;
  integrations?: unknown;
};

export type LearningRequest = {
  automatic?: boolean | null;
  version?: number | null;
  versions?: number | null;
  examples?: number | null;
  new?: number | null;
};

export type LeftOutTool = {
  name: string;
  reason: string;
};

export type ListPageOfApiKey = {
  object: string;
  data: ApiKey[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfAssistantView = {
  object: string;
  data: AssistantView[];
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

export type ListPageOfConversationTag = {
  object: string;
  data: ConversationTag[];
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

export type ListPageOfFineTuningJob = {
  object: string;
  data: FineTuningJob[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfFoundModel = {
  object: string;
  data: FoundModel[];
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

export type ListPageOfJobCheckpoint = {
  object: string;
  data: JobCheckpoint[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfJobEvent = {
  object: string;
  data: JobEvent[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfLoadedModel = {
  object: string;
  data: LoadedModel[];
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

export type ListPageOfModelView = {
  object: string;
  data: ModelView[];
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

export type ListPageOfPrompt = {
  object: string;
  data: Prompt[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfPullProgress = {
  object: string;
  data: PullProgress[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfReplySource = {
  object: string;
  data: ReplySource[];
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

export type ListPageOfServerTools = {
  object: string;
  data: ServerTools[];
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

export type ListPageOfSynthesisJob = {
  object: string;
  data: SynthesisJob[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfSyntheticRow = {
  object: string;
  data: SyntheticRow[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfToolServerView = {
  object: string;
  data: ToolServerView[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfUploadedFile = {
  object: string;
  data: UploadedFile[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfVectorStore = {
  object: string;
  data: VectorStore[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

export type ListPageOfVectorStoreFile = {
  object: string;
  data: VectorStoreFile[];
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

export type LlamaAdapter = {
  id: number;
  path: string;
  scale: number;
};

export type LlamaCompletion = {
  index: number;
  content: string;
  model: string;
  stop: boolean;
  stop_type?: 'eos' | 'limit' | null;
  tokens_predicted?: number | null;
  tokens_evaluated?: number | null;
  tokens_cached?: number | null;
  truncated?: boolean | null;
  timings?: null | Timings;
};

export type LlamaCompletionRequest = {
  prompt?: string | number[] | null;
  n_predict?: number | null;
  grammar?: string | null;
  json_schema?: unknown | null;
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
  'speculative.n_max'?: number | null;
  stream?: boolean | null;
  stream_options?: null | StreamOptions;
  user?: string | null;
};

export type LlamaExtra = {
  filename?: string | null;
  text?: string | null;
};

export type LlamaInfillRequest = {
  input_prefix?: string | null;
  input_suffix?: string | null;
  input_extra?: LlamaExtra[] | null;
  prompt?: string | number[] | null;
  n_predict?: number | null;
  grammar?: string | null;
  json_schema?: unknown | null;
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
  'speculative.n_max'?: number | null;
  stream?: boolean | null;
  stream_options?: null | StreamOptions;
  user?: string | null;
};

export type LlamaSlot = {
  id: number;
  n_ctx: number;
  is_processing: boolean;
};

export type LmCapabilities = {
  vision: boolean;
  trained_for_tool_use: boolean;
};

export type LmInstance = {
  id: string;
  config: LmInstanceConfig;
};

export type LmInstanceConfig = {
  context_length: number;
};

export type LmModel = {
  id: string;
  object: string;
  type: 'llm' | 'embeddings';
  publisher: string;
  arch: string;
  compatibility_type: string;
  quantization: string;
  state: 'loaded' | 'not-loaded';
  max_context_length: number;
  loaded_context_length?: number | null;
  capabilities: string[];
};

export type LmModel1 = {
  type: 'llm' | 'embedding';
  publisher: string;
  key: string;
  display_name: string;
  architecture: string;
  quantization: LmQuantization;
  size_bytes: number;
  params_string: string;
  loaded_instances: LmInstance[];
  max_context_length: number;
  format: string;
  capabilities: LmCapabilities;
};

export type LmModelList = {
  data: LmModel[];
  object: string;
};

export type LmModelList1 = {
  models: LmModel1[];
};

export type LmQuantization = {
  name: string;
  bits_per_weight: number;
};

export type LoadOptions = {
  context_length?: number | null;
  gpu_layers?: number | null;
  cache_type_keys?: string | null;
  cache_type_values?: string | null;
  flash_attention?: 'auto' | 'on' | 'off' | null;
};

export type LoadedModel = {
  id: string;
  model: string;
  state: 'loading' | 'loaded';
  memory_bytes: number | null;
  since: number | null;
  ends_at: number | null;
};

export type LogLine = {
  id: number;
  time: number;
  level: string;
  source: string;
  message: string;
};

export type MemoryComparison = {
  asked: number;
  right: number;
  base: Bout;
  memory: Bout;
  before: Bout;
};

export type MemoryFit = {
  bytes: number;
  least_bytes: number;
  available: number;
  context_length: number;
  fits: 'yes' | 'tight' | 'no';
};

export type MemoryNeed = {
  bytes: number;
  gpu_bytes: number;
  weights: number;
  cache: number;
  compute: number;
  available: number;
  context_length: number;
  trained_context: number;
  layers: number;
  fits: 'yes' | 'tight' | 'no';
};

export type Message = {
  id: string;
  type: string;
  role: string;
  model: string;
  content: OutputBlock[];
  stop_reason: 'end_turn' | 'max_tokens' | 'tool_use' | null;
  stop_sequence?: string | null;
  usage: MessageUsage;
};

export type MessageEvent = {
  type: string;
  message?: {
    id: string;
    type: string;
    role: string;
    model: string;
    content: ({
      type: string;
      text?: string | null;
      thinking?: string | null;
      signature?: string | null;
      id?: string | null;
      name?: string | null;
      input?: unknown;
    })[];
    stop_reason: 'end_turn' | 'max_tokens' | 'tool_use' | null;
    stop_sequence?: string | null;
    usage: {
      input_tokens: number;
      cache_creation_input_tokens: number;
      cache_read_input_tokens: number;
      output_tokens: number;
    };
  };
  index?: number | null;
  content_block?: {
    type: string;
    text?: string | null;
    thinking?: string | null;
    signature?: string | null;
    id?: string | null;
    name?: string | null;
    input?: unknown;
  };
  delta?: {
    type?: string | null;
    text?: string | null;
    thinking?: string | null;
    signature?: string | null;
    partial_json?: string | null;
    stop_reason?: string | null;
    stop_sequence?: null;
  };
  usage?: {
    input_tokens: number;
    cache_creation_input_tokens: number;
    cache_read_input_tokens: number;
    output_tokens: number;
  };
};

export type MessageTokens = {
  input_tokens: number;
};

export type MessageUsage = {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
};

export type MessagesRequest = {
  model?: string | null;
  messages?: InputMessage[] | null;
  system?: string | InputBlock[] | null;
  max_tokens?: number | null;
  stop_sequences?: string[] | null;
  stream?: boolean | null;
  temperature?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  tools?: MessagesTool[] | null;
  tool_choice?: null | MessagesToolChoice;
  thinking?: null | ThinkingRequest;
  output_config?: null | OutputConfig;
};

export type MessagesTool = {
  type?: string | null;
  name?: string | null;
  description?: string | null;
  input_schema?: unknown;
  strict?: boolean | null;
};

export type MessagesToolChoice = {
  type?: 'auto' | 'any' | 'tool' | 'none' | null;
  name?: string | null;
  disable_parallel_tool_use?: boolean | null;
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
  type: 'llm' | 'embeddings' | 'rerank';
  context_length?: number | null;
  parent?: string | null;
  status?: 'refused' | null;
};

export type ModelUsage = {
  model: string;
  version: number | null;
  replies: number;
  prompt_tokens: number;
  completion_tokens: number;
  seconds: number;
};

export type ModelVersion = {
  number: number;
  object: string;
  assistant: string;
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

export type ModelView = {
  name: string;
  file: string;
  repository?: string | null;
  bytes: number;
  architecture?: string | null;
  parameters?: number | null;
  quantization?: string | null;
  context_length?: number | null;
  license?: string | null;
  capabilities: string[];
  modified_at: number;
  state?: string | null;
  is_base: boolean;
  usable: boolean;
  problem?: string | null;
  projectors: string[];
  memory?: null | MemoryFit;
  options?: null | LoadOptions;
};

export type OfferedModel = {
  name: string;
  license?: string | null;
  gated: boolean;
  architecture?: string | null;
  parameters?: number | null;
  context_length?: number | null;
  quantizations: OfferedQuantization[];
  projectors: string[];
};

export type OfferedQuantization = {
  name: string;
  quantization: string;
  bytes: number;
  parts: number;
  is_default: boolean;
  is_here: boolean;
  memory?: null | MemoryFit;
};

export type OfferedTool = {
  server: string;
  name: string;
  title?: string | null;
  description: string;
  parameters: unknown;
  function: string;
  fingerprint: string;
};

export type OllamaCalledFunction = {
  index?: number | null;
  name?: string | null;
  arguments?: unknown | null;
};

export type OllamaChatRequest = {
  messages?: OllamaMessage[] | null;
  tools?: unknown;
  model?: string | null;
  stream?: boolean | null;
  format?: string | unknown | null;
  options?: null | OllamaOptions;
  think?: boolean | string | null;
};

export type OllamaCopyRequest = {
  source?: string | null;
  destination?: string | null;
};

export type OllamaCreateRequest = {
  model?: string | null;
  name?: string | null;
  from?: string | null;
  system?: string | null;
  parameters?: null | OllamaOptions;
  modelfile?: string | null;
  stream?: boolean | null;
  files?: unknown;
  adapters?: unknown;
  template?: string | null;
  quantize?: string | null;
  messages?: unknown;
};

export type OllamaDetails = {
  parent_model: string;
  format: string;
  family: string;
  families: string[];
  parameter_size: string;
  quantization_level: string;
};

export type OllamaEmbedRequest = {
  model?: string | null;
  input?: string | string[] | null;
  prompt?: string | null;
  dimensions?: number | null;
};

export type OllamaEmbedding = {
  embedding: unknown;
};

export type OllamaEmbeddings = {
  model: string;
  embeddings: unknown[];
  total_duration: number;
  load_duration: number;
  prompt_eval_count: number;
};

export type OllamaErrorBody = {
  error: string;
};

export type OllamaGenerateRequest = {
  prompt?: string | null;
  system?: string | null;
  suffix?: string | null;
  template?: string | null;
  raw?: boolean | null;
  images?: string[] | null;
  model?: string | null;
  stream?: boolean | null;
  format?: string | unknown | null;
  options?: null | OllamaOptions;
  think?: boolean | string | null;
};

export type OllamaMessage = {
  role?: 'system' | 'user' | 'assistant' | 'tool' | null;
  content?: string | null;
  thinking?: string | null;
  images?: string[] | null;
  tool_calls?: OllamaToolCall[] | null;
  tool_name?: string | null;
  tool_call_id?: string | null;
};

export type OllamaModel = {
  name: string;
  model: string;
  modified_at?: string | null;
  size: number;
  digest: string;
  details: OllamaDetails;
  expires_at?: string | null;
  size_vram?: number | null;
  context_length?: number | null;
};

export type OllamaModelInfo = {
  modelfile: string;
  parameters: string;
  template: string;
  system?: string | null;
  license?: string | null;
  details: OllamaDetails;
  model_info: Record<string, unknown>;
  capabilities: string[];
  modified_at: string;
};

export type OllamaModelList = {
  models: OllamaModel[];
};

export type OllamaModelRequest = {
  model?: string | null;
  name?: string | null;
  stream?: boolean | null;
};

export type OllamaOptions = {
  num_predict?: number | null;
  temperature?: number | null;
  top_k?: number | null;
  top_p?: number | null;
  min_p?: number | null;
  typical_p?: number | null;
  repeat_last_n?: number | null;
  repeat_penalty?: number | null;
  presence_penalty?: number | null;
  frequency_penalty?: number | null;
  mirostat?: number | null;
  mirostat_tau?: number | null;
  mirostat_eta?: number | null;
  seed?: number | null;
  stop?: string[] | null;
};

export type OllamaReply = {
  model: string;
  created_at: string;
  id?: string | null;
  message?: null | OllamaReplyMessage;
  response?: string | null;
  thinking?: string | null;
  done: boolean;
  done_reason?: 'stop' | 'length' | 'load' | null;
  total_duration?: number | null;
  load_duration?: number | null;
  prompt_eval_count?: number | null;
  prompt_eval_duration?: number | null;
  eval_count?: number | null;
  eval_duration?: number | null;
};

export type OllamaReplyMessage = {
  role: string;
  content: string;
  thinking?: string | null;
  tool_calls?: OllamaToolCall[] | null;
};

export type OllamaStatus = {
  status: string;
  digest?: string | null;
  total?: number | null;
  completed?: number | null;
};

export type OllamaToolCall = {
  id?: string | null;
  function?: null | OllamaCalledFunction;
};

export type OllamaVersion = {
  version: string;
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

export type OutputBlock = {
  type: string;
  text?: string | null;
  thinking?: string | null;
  signature?: string | null;
  id?: string | null;
  name?: string | null;
  input?: unknown;
};

export type OutputConfig = {
  format?: null | OutputFormat;
};

export type OutputFormat = {
  type?: 'json_schema' | null;
  schema?: unknown;
};

export type OutputItem = {
  id: string;
  type: 'reasoning' | 'message' | 'function_call' | 'file_search_call';
  status?: 'in_progress' | 'completed' | 'incomplete' | null;
  role?: string | null;
  summary?: unknown[] | null;
  content?: OutputPart[] | null;
  call_id?: string | null;
  name?: string | null;
  arguments?: string | null;
  queries?: string[] | null;
  results?: FileSearchResult[] | null;
};

export type OutputPart = {
  type: string;
  text: string;
  annotations?: FileCitation[] | null;
  logprobs?: unknown[] | null;
};

export type OutputTokensDetails = {
  reasoning_tokens: number;
};

export type PassageView = {
  id: number;
  object: string;
  file_id: string;
  filename: string;
  heading: string;
  place: string;
  first: number;
  last: number;
  text: string;
  before: string | null;
  after: string | null;
};

export type PolicyState = {
  enabled: boolean;
  min_new_examples: number;
  reason: string;
  reason_code: ReasonCode;
};

export type PredictedContent = {
  type?: 'content' | null;
  content?: string | ContentPart[] | null;
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
  reasons: string[];
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

export type Prompt = {
  id: string;
  object: string;
  name: string;
  text: string;
  updated_at: number;
};

export type PromptRequest = {
  name?: string | null;
  text?: string | null;
};

export type PromptTokensDetails = {
  cached_tokens: number;
  audio_tokens: number;
};

export type PullProgress = {
  name: string;
  status: string;
  bytes: number;
  total: number;
  bytes_per_second: number;
  seconds_left?: number | null;
  model?: string | null;
  error?: string | null;
};

export type PullRequest = {
  name?: string | null;
};

export type RankingOptions = {
  ranker?: string | null;
  score_threshold?: number | null;
};

export type RatingSummary = {
  rating: 'up' | 'down';
  correction?: string | null;
  comment?: string | null;
  reasons: string[];
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

export type ReplyContext = {
  object: string;
  completion_id: string;
  folded: number;
  summary: string | null;
};

export type ReplySource = {
  object: string;
  example_id: string;
  how: 'recalled' | 'learned';
  score: number;
  question: string;
  reply: string;
  status: 'accepted' | 'unwanted' | 'excluded' | 'withdrawn';
};

export type RequestMessage = {
  role?: string | null;
  content?: string | ContentPart[] | null;
  name?: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
  tool_call_id?: string | null;
  function_call?: null | ToolCallFunction;
  prefix?: boolean | null;
  vector_store_ids?: string[] | null;
};

export type RerankAnswer = {
  model: string;
  results: RerankResult[];
  usage: EmbeddingUsage;
  object: string;
};

export type RerankRequest = {
  model?: string | null;
  query?: string | null;
  documents?: string[] | null;
  top_n?: number | null;
};

export type RerankResult = {
  index: number;
  relevance_score: number;
};

export type Response = {
  id: string;
  object: string;
  created_at: number;
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  background: boolean;
  error?: null | ResponseError;
  incomplete_details?: null | IncompleteDetails;
  instructions?: string | null;
  max_output_tokens?: number | null;
  model: string;
  output: OutputItem[];
  parallel_tool_calls: boolean;
  previous_response_id?: string | null;
  reasoning: ResponseReasoning;
  store: boolean;
  temperature: number;
  text: ResponseText;
  tool_choice: unknown;
  tools: unknown[];
  top_p: number;
  truncation: string;
  usage?: null | ResponseUsage;
  metadata: Record<string, string>;
};

export type ResponseError = {
  code: string;
  message: string;
};

export type ResponseEvent = {
  type: string;
  sequence_number: number;
  response?: {
    id: string;
    object: string;
    created_at: number;
    status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
    background: boolean;
    error?: {
      code: string;
      message: string;
    };
    incomplete_details?: {
      reason: string;
    };
    instructions?: string | null;
    max_output_tokens?: number | null;
    model: string;
    output: ({
      id: string;
      type: 'reasoning' | 'message' | 'function_call' | 'file_search_call';
      status?: 'in_progress' | 'completed' | 'incomplete' | null;
      role?: string | null;
      summary?: unknown[] | null;
      content?: ({
        type: string;
        text: string;
        annotations?: ({
          type: string;
          index: number;
          file_id: string;
          filename: string;
          source: {
            id: number;
            vector_store_id: string;
            file_id: string;
            filename: string;
            heading: string;
            place: 'page' | 'slide' | 'row' | 'line' | 'none';
            first: number;
            last: number;
            score: number;
          };
        })[] | null;
        logprobs?: unknown[] | null;
      })[] | null;
      call_id?: string | null;
      name?: string | null;
      arguments?: string | null;
      queries?: string[] | null;
      results?: {
        file_id: string;
        filename: string;
        score: number;
      }[] | null;
    })[];
    parallel_tool_calls: boolean;
    previous_response_id?: string | null;
    reasoning: {
      effort?: string | null;
      summary?: string | null;
    };
    store: boolean;
    temperature: number;
    text: {
      format: unknown;
    };
    tool_choice: unknown;
    tools: unknown[];
    top_p: number;
    truncation: string;
    usage?: {
      input_tokens: number;
      input_tokens_details: {
        cached_tokens: number;
      };
      output_tokens: number;
      output_tokens_details: {
        reasoning_tokens: number;
      };
      total_tokens: number;
    };
    metadata: Record<string, string>;
  };
  item_id?: string | null;
  output_index?: number | null;
  content_index?: number | null;
  item?: {
    id: string;
    type: 'reasoning' | 'message' | 'function_call' | 'file_search_call';
    status?: 'in_progress' | 'completed' | 'incomplete' | null;
    role?: string | null;
    summary?: unknown[] | null;
    content?: ({
      type: string;
      text: string;
      annotations?: ({
        type: string;
        index: number;
        file_id: string;
        filename: string;
        source: {
          id: number;
          vector_store_id: string;
          file_id: string;
          filename: string;
          heading: string;
          place: 'page' | 'slide' | 'row' | 'line' | 'none';
          first: number;
          last: number;
          score: number;
        };
      })[] | null;
      logprobs?: unknown[] | null;
    })[] | null;
    call_id?: string | null;
    name?: string | null;
    arguments?: string | null;
    queries?: string[] | null;
    results?: {
      file_id: string;
      filename: string;
      score: number;
    }[] | null;
  };
  part?: {
    type: string;
    text: string;
    annotations?: ({
      type: string;
      index: number;
      file_id: string;
      filename: string;
      source: {
        id: number;
        vector_store_id: string;
        file_id: string;
        filename: string;
        heading: string;
        place: 'page' | 'slide' | 'row' | 'line' | 'none';
        first: number;
        last: number;
        score: number;
      };
    })[] | null;
    logprobs?: unknown[] | null;
  };
  annotation_index?: number | null;
  annotation?: {
    type: string;
    index: number;
    file_id: string;
    filename: string;
    source: {
      id: number;
      vector_store_id: string;
      file_id: string;
      filename: string;
      heading: string;
      place: 'page' | 'slide' | 'row' | 'line' | 'none';
      first: number;
      last: number;
      score: number;
    };
  };
  delta?: string | null;
  text?: string | null;
  name?: string | null;
  arguments?: string | null;
  logprobs?: unknown[] | null;
};

export type ResponseMessage = {
  role: string;
  content: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCall[] | null;
  annotations?: FileCitation[] | null;
  function_call?: null | ToolCallFunction;
};

export type ResponseReasoning = {
  effort?: string | null;
  summary?: string | null;
};

export type ResponseText = {
  format: unknown;
};

export type ResponseUsage = {
  input_tokens: number;
  input_tokens_details: InputTokensDetails;
  output_tokens: number;
  output_tokens_details: OutputTokensDetails;
  total_tokens: number;
};

export type ResponsesFormat = {
  type?: string | null;
  name?: string | null;
  schema?: unknown | null;
  strict?: boolean | null;
};

export type ResponsesReasoning = {
  effort?: string | null;
};

export type ResponsesRequest = {
  model?: string | null;
  input?: string | InputItem[] | null;
  instructions?: string | null;
  previous_response_id?: string | null;
  store?: boolean | null;
  stream?: boolean | null;
  max_output_tokens?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  tools?: ResponsesTool[] | null;
  tool_choice?: string | unknown | null;
  parallel_tool_calls?: boolean | null;
  truncation?: 'auto' | 'disabled' | 'drop' | 'summary' | null;
  text?: null | ResponsesText;
  reasoning?: null | ResponsesReasoning;
  metadata?: Record<string, string> | null;
  user?: string | null;
  safety_identifier?: string | null;
  prompt_cache_key?: string | null;
  include?: string[] | null;
  background?: boolean | null;
  conversation?: string | unknown | null;
  prompt?: unknown | null;
};

export type ResponsesText = {
  format?: null | ResponsesFormat;
};

export type ResponsesTool = {
  type?: string | null;
  name?: string | null;
  description?: string | null;
  parameters?: unknown | null;
  strict?: boolean | null;
  vector_store_ids?: string[] | null;
};

export type Rewording = {
  text: string;
  enabled: boolean;
  key_words: boolean;
};

export type RowChange = {
  question?: string | null;
  answer?: string | null;
  status?: 'open' | 'accepted' | 'dropped' | null;
};

export type RowImportRequest = {
  dry_run?: boolean | null;
};

export type RowPassage = {
  id: number;
  file_id: string;
  filename: string;
  heading: string;
  place: 'page' | 'slide' | 'row' | 'line' | 'none';
  first: number;
  last: number;
  text: string;
};

export type RowsChanged = {
  changed: number;
  object: string;
};

export type Run = {
  id: string;
  object: string;
  assistant: string;
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
  learning_rate_multiplier?: number | null;
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

export type SearchPage = {
  object: string;
  search_query: string[];
  data: SearchResult[];
  has_more: boolean;
  next_page?: string | null;
};

export type SearchRequest = {
  query?: string | string[] | null;
  filters?: null | AttributeFilter;
  max_num_results?: number | null;
  ranking_options?: null | RankingOptions;
  rewrite_query?: boolean | null;
  text: string;
};

export type SearchResult = {
  file_id: string;
  filename: string;
  score: number;
  attributes: Record<string, unknown>;
  content: TextContent[];
  source: DocumentSource;
};

export type SearchedFiles = {
  texts: number;
  files: number;
  bytes: number;
  found: string[];
  elsewhere: string[];
  unread: string[];
};

export type ServerTools = {
  server: string;
  state: 'ready' | 'failed' | 'off';
  problem?: string | null;
  tools: OfferedTool[];
  left_out: LeftOutTool[];
  object: string;
};

export type StartRequest = {
  options?: null | RunOptions;
};

export type StepMetrics = {
  step: number;
  train_loss?: number | null;
  valid_loss?: number | null;
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
  reasons: string[];
  created_at: number;
  example_id: string | null;
  example_status: 'accepted' | 'unwanted' | 'excluded' | 'withdrawn' | null;
};

export type StreamOptions = {
  include_usage?: boolean | null;
  include_obfuscation?: boolean | null;
};

export type SupervisedMethod = {
  hyperparameters?: null | Hyperparameters;
};

export type SynthesisJob = {
  id: string;
  object: string;
  assistant: string;
  vector_store_id: string;
  file_id: string | null;
  name: string;
  writer: string;
  questions: number;
  status: 'running' | 'completed' | 'cancelled' | 'failed';
  error: string | null;
  passages: number;
  done: number;
  rows: SyntheticCounts;
  created_at: number;
  finished_at: number | null;
};

export type SynthesisRequest = {
  vector_store_id?: string | null;
  file_id?: string | null;
  questions?: number | null;
  passages?: number | null;
};

export type SyntheticCounts = {
  open: number;
  accepted: number;
  dropped: number;
  known: number;
  duplicates: number;
  unusable: number;
  imported: number;
};

export type SyntheticRow = {
  id: number;
  object: string;
  question: string;
  answer: string;
  reply: string | null;
  flags: string[];
  status: 'open' | 'accepted' | 'dropped';
  passage: RowPassage;
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
  'speculative.n_max'?: number | null;
  stream?: boolean | null;
  stream_options?: null | StreamOptions;
  user?: string | null;
};

export type TextContent = {
  text: string;
  type: string;
};

export type ThinkingRequest = {
  type?: string | null;
};

export type Timings = {
  cache_n: number;
  prompt_n: number;
  prompt_ms: number;
  prompt_per_second: number;
  predicted_n: number;
  predicted_ms: number;
  predicted_per_second: number;
  draft_n?: number | null;
  draft_n_accepted?: number | null;
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

export type ToolCallRequest = {
  server?: string | null;
  tool?: string | null;
  arguments?: unknown | null;
};

export type ToolResult = {
  server: string;
  tool: string;
  is_error: boolean;
  content: string;
  truncated: boolean;
  object: string;
};

export type ToolServerRequest = {
  name?: string | null;
  transport?: string | null;
  command?: string | null;
  args?: string[] | null;
  env?: Record<string, string> | null;
  url?: string | null;
  headers?: Record<string, string> | null;
  enabled?: boolean | null;
};

export type ToolServerView = {
  object: string;
  name: string;
  transport: 'builtin' | 'stdio' | 'http';
  command: string | null;
  args: string[];
  env: string[];
  url: string | null;
  headers: string[];
  enabled: boolean;
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

export type UploadedFile = {
  id: string;
  object: string;
  bytes: number;
  created_at: number;
  expires_at?: number | null;
  filename: string;
  purpose: string;
  status: string;
};

export type Usage = {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: null | PromptTokensDetails;
  completion_tokens_details?: null | CompletionTokensDetails;
};

export type UsageReport = {
  object: string;
  replies: number;
  prompt_tokens: number;
  completion_tokens: number;
  seconds: number;
  models: ModelUsage[];
};

export type VectorCounts = {
  completed: number;
  total: number;
};

export type VectorStore = {
  id: string;
  object: string;
  created_at: number;
  name: string;
  usage_bytes: number;
  file_counts: FileCounts;
  status: 'in_progress' | 'completed';
  expires_at?: number | null;
  last_active_at: number;
  metadata: Record<string, string>;
  vectors: VectorCounts;
};

export type VectorStoreFile = {
  id: string;
  object: string;
  vector_store_id: string;
  filename: string;
  usage_bytes: number;
  created_at: number;
  status: 'in_progress' | 'completed' | 'failed';
  last_error: null | FileError;
  attributes: Record<string, unknown>;
};

export type VectorStoreFileRequest = {
  file_id?: string | null;
  attributes?: Record<string, unknown> | null;
  chunking_strategy?: unknown;
};

export type VectorStoreRequest = {
  name?: string | null;
  file_ids?: string[] | null;
  metadata?: Record<string, string> | null;
  description?: string | null;
  expires_after?: unknown;
  chunking_strategy?: unknown;
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
  unwanted: number;
  new: number;
  removed: number;
  contradictions: number;
  since_last_run: number;
};
