using System.Globalization;
using System.Text.Json;
using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>A bundle's run in Axolotl's words. Texts are quoted as JSON does, which is YAML, too.</summary>
internal static class AxolotlText
{
    private const double UsualRate = 2e-4; // of LoRA; small bases want more

    public static IEnumerable<string> Of(BundleFile bundle)
    {
        RunOptions options = bundle.Options;
        yield return $"# {bundle.Run}: see README.md";
        yield return $"base_model: {Quoted(bundle.Base.Name)}";
        if (bundle.Base.Revision is { } revision)
            yield return $"revision_of_model: {Quoted(revision)}";
        foreach (string line in Rows("datasets", bundle.Train))
            yield return line;
        if (bundle.Valid is { } valid)
            foreach (string line in Rows("test_datasets", valid))
                yield return line;
        yield return "chat_template: tokenizer_default";
        yield return "train_on_inputs: false";
        yield return $"sequence_len: {options.SequenceLength}";
        yield return "adapter: lora";
        yield return $"lora_r: {options.Rank}";
        yield return $"lora_alpha: {Number(options.Alpha)}";
        yield return $"lora_dropout: {Number(options.Dropout)}";
        yield return $"lora_target_modules: [{string.Join(", ", TargetsAttribute.Split(options.Targets!).Select(HuggingFaceNames.TargetOf))}]";
        if (options.RankStabilized == true)
            yield return "peft_use_rslora: true";
        yield return $"num_epochs: {options.Epochs ?? Math.Clamp(2000 / Math.Max(1, bundle.Rows), 3, 10)}"; // as `train` chooses
        yield return $"micro_batch_size: {options.BatchSize}";
        yield return "gradient_accumulation_steps: 1";
        yield return $"learning_rate: {Number((options.LearningRate ?? UsualRate) * (options.LearningRateMultiplier ?? 1))}";
        yield return $"lr_scheduler: {options.Schedule}";
        yield return $"warmup_ratio: {Number(options.Warmup)}";
        yield return $"weight_decay: {Number(options.WeightDecay)}";
        yield return $"max_grad_norm: {Number(options.MaxGradientNorm)}";
        yield return "optimizer: adamw_torch";
        yield return $"seed: {options.Seed}";
        yield return "bf16: auto";
        yield return $"gradient_checkpointing: {(options.GradientCheckpointing == "off" ? "false" : "true")}";
        yield return "dataset_prepared_path: prepared";
        yield return $"output_dir: {bundle.Output}";
    }

    private static IEnumerable<string> Rows(string name, string file) =>
    [
        $"{name}:", $"  - path: {file}", "    ds_type: json", "    split: train", "    type: chat_template", "    field_messages: messages",
        "    message_field_training: weight",
    ];

    private static string Quoted(string text) => JsonSerializer.Serialize(text, RelaxedJson.Options);

    private static string Number(double? value) => (value ?? 0).ToString("0.##########", CultureInfo.InvariantCulture);
}
