using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Runs;
using static FineTuneChat.Making.Axolotl.KeyUse;

namespace FineTuneChat.Making.Axolotl;

/// <summary>Axolotl's keys, and what becomes of each: the table of docs/making.md.</summary>
internal static class AxolotlKeys
{
    private const string Batch = "`--batch-size` is micro_batch_size × gradient_accumulation_steps";

    private static readonly Dictionary<string, string> Linears = TargetsAttribute.Linears.ToDictionary(HuggingFaceNames.TargetOf);

    private static readonly (string Field, string Column)[] Fields =
        [("field_system", "system"), ("field_instruction", "prompt"), ("field_input", "input"), ("field_output", "reply"), ("field_messages", "messages")];

    public static IReadOnlyList<AxolotlKey> All { get; } =
    [
        // What is learned, from what, to where.
        new("base_model", Taken, "`--base`: a model that is here, by its name", (v, c) => Do(() => c.Base = v.Text)),
        new("datasets", Taken, "`DATA`: each `path`, beside the YAML; the format is known by the rows, `field_…` becomes `--map`", Datasets),
        new("test_datasets", Taken, "files to choose by (`valid`)", (v, c) => Do(() => c.Validation.AddRange(Paths(v, c)))),
        new("val_set_size", Taken, "`--val-share`", (v, c) => v.Number >= 1
            ? new(NotSupported, "a number of rows; give a share below 1")
            : Do(() => c.ValidationShare = v.Number)),
        new("output_dir", Taken, "`--out`", (v, c) => Do(() => c.Out = Path.GetFullPath(v.Text))),
        new("rl", Taken, "`--method`", (v, c) => v.Text is "dpo" or "kto" ? Do(() => c.Method = v.Text) : new(NotSupported, "dpo and kto are")),
        Method("rl_beta", "--beta"),
        Method("dpo_beta", "--beta"),
        Method("dpo_label_smoothing", "--label-smoothing"),

        // The adapter.
        new("adapter", Taken, "a LoRA is trained", (v, _) => v.Text switch
        {
            "lora" => null,
            "qlora" => new(Translated, "a LoRA on the base as its file is, quantised or not"),
            _ => new(NotSupported, "a LoRA is trained"),
        }),
        new("lora_r", Taken, "`--rank`", (v, c) => Set(c, o => o with { Rank = Whole(v) })),
        new("lora_alpha", Taken, "`--alpha`", (v, c) => Set(c, o => o with { Alpha = v.Number })),
        new("lora_dropout", Taken, "`--dropout`", (v, c) => Set(c, o => o with { Dropout = v.Number })),
        new("lora_target_modules", Translated, "`--targets`: `q_proj` is `attn_q`, `o_proj` `attn_output`, `gate_proj` `ffn_gate`, …", Targets),
        new("lora_target_linear", Translated, "`--targets all`", (v, c) => v.IsTrue ? Set(c, o => o with { Targets = TargetsAttribute.All }) : null),
        new("peft_use_rslora", Taken, "`--rslora`", (v, c) => Set(c, o => o with { RankStabilized = v.IsTrue })),
        new("lora_fan_in_fan_out", NotNeeded, "the GGUF says how its weights lie"),
        new("lora_modules_to_save", NotSupported, "rows of the head are trained where the replies need them"),
        new("lora_layers_to_transform", NotSupported, "all layers are adapted"),
        new("lora_model_dir", NotSupported, "go on from an adapter with `train --from`"),
        new("peft_use_dora", NotSupported, "plain LoRA is trained"),

        // How it learns.
        new("sequence_len", Taken, "`--seq-len`", (v, c) => Set(c, o => o with { SequenceLength = Whole(v) })),
        new("micro_batch_size", Translated, Batch, (v, c) => Do(() => (c.MicroBatch, c.IsBatchGiven) = (Whole(v), true))),
        new("gradient_accumulation_steps", Translated, Batch, (v, c) => Do(() => (c.Accumulation, c.IsBatchGiven) = (Whole(v), true))),
        new("num_epochs", Taken, "`--epochs`", (v, c) => Set(c, o => o with { Epochs = (int)Math.Ceiling(v.Number) })),
        new("max_steps", NotSupported, "give `--epochs`"),
        new("optimizer", Translated, "AdamW, with its moments in 32 bits", (v, _) =>
            v.Text.Replace("paged_", "").StartsWith("adamw", StringComparison.Ordinal) ? null : new(NotSupported, "AdamW is used")),
        new("lr_scheduler", Taken, "`--schedule`", (v, c) => v.Text switch
        {
            "cosine" or "linear" or "constant" => Set(c, o => o with { Schedule = v.Text }),
            "constant_with_warmup" => Set(c, o => o with { Schedule = "constant" }, "`--schedule constant`"),
            _ => new(NotSupported, "cosine is used; linear and constant are there, too"),
        }),
        new("learning_rate", Taken, "`--learning-rate`", (v, c) => Set(c, o => o with { LearningRate = v.Number })),
        new("warmup_ratio", Taken, "`--warmup`", (v, c) => Set(c, o => o with { Warmup = v.Number })),
        new("warmup_steps", NotSupported, "give the share of the steps, warmup_ratio"),
        new("weight_decay", Taken, "`--weight-decay`", (v, c) => Set(c, o => o with { WeightDecay = v.Number })),
        new("max_grad_norm", Taken, "`--max-gradient-norm`", (v, c) => Set(c, o => o with { MaxGradientNorm = v.Number })),
        new("adam_beta1", NotSupported, "0.9 is used", (v, _) => v.Number == 0.9 ? new(Taken, "it is so") : null),
        new("adam_beta2", NotSupported, "0.999 is used", (v, _) => v.Number == 0.999 ? new(Taken, "it is so") : null),
        new("adam_epsilon", NotSupported, "1e-8 is used", (v, _) => v.Number == 1e-8 ? new(Taken, "it is so") : null),
        new("early_stopping_patience", Translated, "`--early-stopping`, in epochs", (v, c) => Set(c, o => o with { EarlyStopping = Whole(v) })),
        new("seed", Taken, "`--seed`", (v, c) => Set(c, o => o with { Seed = Whole(v) })),
        new("gradient_checkpointing", Taken, "`--gradient-checkpointing`; the result is the same", (v, c) =>
            Set(c, o => o with { GradientCheckpointing = v.Text is "unsloth" or "offload" || v.IsTrue ? "on" : "auto" })),
        new("train_on_inputs", Taken, "replies alone are learned", (v, _) => v.IsTrue ? new(NotSupported, "replies alone are learned") : null),
        new("roles_to_train", NotSupported, "the assistant's messages are learned, by their weight"),
        new("train_on_eos", NotSupported, "the end of each learned turn is learned"),
        new("neftune_noise_alpha", NotSupported, "no noise is added"),
        new("label_smoothing_factor", NotSupported, "labels are learned as they are"),
        new("unfrozen_parameters", NotSupported, "a LoRA is trained"),

        // How the model reads and writes.
        new("chat_template", Translated, "the template of the base's file", (v, _) =>
            v.Text.StartsWith("tokenizer_default", StringComparison.Ordinal) ? null : new(NotSupported, "the template of the base's file is used")),
        new("chat_template_jinja", NotSupported, "the template of the base's file is used"),
        new("default_system_message", NotSupported, "give each row its system message"),
        new("special_tokens", NotSupported, "those of the base's file are used"),
        new("tokens", NotSupported, "the base's vocabulary stays as it is"),
        new("rope_scaling", NotSupported, "as the base's file says"),

        // Of Python and of GPUs.
        .. Unneeded(
            "the GGUF says what it is",
            "model_type", "tokenizer_type", "tokenizer_config", "base_model_config", "is_*_derived_model", "trust_remote_code", "strict",
            "tokenizer_use_fast", "tokenizer_legacy"),
        .. Unneeded(
            "the base is used in the type of its file, and is never copied",
            "load_in_4bit", "load_in_8bit", "bnb_config_kwargs", "gptq"),
        .. Unneeded(
            "sums are in 32 bits",
            "bf16", "fp16", "tf32", "float16", "bfloat16", "fp8"),
        .. Unneeded(
            "attention is computed in blocks, and the result is the same",
            "flash_attention", "xformers_attention", "sdp_attention", "s2_attention", "flash_attn_*", "eager_attention"),
        .. Unneeded(
            "several conversations share a row of tokens, each attending to itself alone",
            "sample_packing", "pad_to_sequence_len", "eval_sample_packing", "group_by_length", "sample_packing_*", "multipack_*",
            "excess_length_strategy"),
        .. Unneeded(
            "data is kept in the folder of --out",
            "dataset_prepared_path", "dataset_processes", "dataset_keep_in_memory", "dataset_shard_*", "dataloader_*", "shuffle_merged_datasets",
            "skip_prepare_dataset"),
        .. Unneeded(
            "one machine trains",
            "deepspeed", "fsdp", "fsdp_config", "fsdp_version", "ddp*", "device_map", "local_rank", "world_size", "max_memory", "low_cpu_mem_usage",
            "gpu_memory_limit"),
        .. Unneeded(
            "figures are in progress.jsonl and in the model card",
            "wandb_*", "mlflow_*", "comet_*", "use_tensorboard", "logging_steps", "eval_steps", "evals_per_epoch", "eval_table_size",
            "eval_max_new_tokens", "eval_batch_size", "eval_strategy", "evaluation_strategy", "do_causal_lm_eval", "debug"),
        .. Unneeded(
            "checkpoints are kept until the work is done, and it goes on by itself",
            "save_steps", "saves_per_epoch", "save_strategy", "save_total_limit", "save_safetensors", "save_only_model", "resume_from_checkpoint",
            "auto_resume_from_checkpoints"),
        .. Unneeded(
            "nothing is sent anywhere",
            "hub_*", "push_*", "hf_use_auth_token"),
        .. Unneeded(
            "the kernels are this program's own",
            "plugins", "liger_*", "unsloth_*", "lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel", "torch_compile*",
            "gradient_checkpointing_kwargs", "optim_args", "lr_scheduler_kwargs", "cut_cross_entropy"),
    ];

    public static AxolotlKey? Find(string name) =>
        All.FirstOrDefault(key => key.Name == name) ?? All.FirstOrDefault(key => key.Name.Split('*') is [var head, var tail]
            && name.Length >= head.Length + tail.Length && name.StartsWith(head, StringComparison.Ordinal) && name.EndsWith(tail, StringComparison.Ordinal));

    private static Reading? Datasets(AxolotlValue value, AxolotlConfig config)
    {
        config.Data.AddRange(Paths(value, config));
        IEnumerable<string> named = value.Items.SelectMany(item => Fields, (item, f) => item[f.Field] is { } name ? $"{f.Column}={name.Text}" : "");
        string[] columns = [.. named.Where(column => column.Length > 0).Distinct()];
        if (columns.Length > 0)
            config.Map = string.Join(',', columns);
        return null;
    }

    /// <summary>Beside the YAML. Whether they are there is asked when they are read: another DATA may be named.</summary>
    private static IEnumerable<string> Paths(AxolotlValue value, AxolotlConfig config) =>
        value.Items.Select(item => config.FileOf(item["path"]?.Text ?? throw new FormatException("each dataset needs a path")));

    private static Reading? Targets(AxolotlValue value, AxolotlConfig config)
    {
        string[] unknown = [.. value.Texts.Where(name => !Linears.ContainsKey(name))];
        string[] known = [.. value.Texts.Where(Linears.ContainsKey).Select(name => Linears[name])];
        if (value.Text == "all-linear")
            return Set(config, o => o with { Targets = TargetsAttribute.All });
        if (known.Length == 0)
            return new(NotSupported, $"{string.Join(", ", Linears.Keys)} are");
        Set(config, o => o with { Targets = string.Join(',', known) });
        return unknown.Length == 0 ? null : new(NotSupported, $"as far as {string.Join(", ", unknown)} are meant; the others are adapted");
    }

    private static AxolotlKey Method(string name, string option) =>
        new(name, Taken, $"`{option}`", (v, c) => Do(() => c.MethodOptions.AddRange([option, OptionTable.Text(v.Number)])));

    private static IEnumerable<AxolotlKey> Unneeded(string here, params string[] names) => names.Select(name => new AxolotlKey(name, NotNeeded, here));

    private static Reading? Set(AxolotlConfig config, Func<RunOptions, RunOptions> change, string? here = null)
    {
        config.Options = change(config.Options);
        return here is null ? null : new(Translated, here);
    }

    private static Reading? Do(Action act)
    {
        act();
        return null;
    }

    private static int Whole(AxolotlValue value) =>
        value.Number is var number && number == Math.Floor(number) && Math.Abs(number) < int.MaxValue
            ? (int)number : throw new FormatException($"'{value.Text}' is no whole number");
}
