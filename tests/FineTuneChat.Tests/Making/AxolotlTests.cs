using FineTuneChat.Making.Axolotl;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Making;

/// <summary>Axolotl's YAML: every key is taken, translated, or named as not supported.</summary>
public sealed class AxolotlTests : IDisposable
{
    // As the guide prints it.
    private const string Guide = """
        base_model: TinyLlama/TinyLlama-1.1B-Chat-v1.0
        model_type: LlamaForCausalLM
        tokenizer_type: LlamaTokenizer
        load_in_4bit: true
        strict: false
        datasets:
          - path: tickets.jsonl
            type: instruction
        dataset_prepared_path: last_run_prepared
        val_set_size: 0.01
        adapter: lora
        lora_r: 8
        lora_alpha: 16
        lora_dropout: 0.05
        lora_target_modules:
          - q_proj
          - v_proj
        sequence_len: 1024
        sample_packing: true
        pad_to_sequence_len: true
        gradient_accumulation_steps: 4
        micro_batch_size: 1
        num_epochs: 3
        optimizer: adamw_8bit
        lr_scheduler: cosine
        learning_rate: 0.0002
        train_on_inputs: false
        group_by_length: false
        bf16: auto
        fp16:
        tf32: true
        gradient_checkpointing: true
        flash_attention: true
        output_dir: ./lora-output
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_guide_s_file_is_taken_as_it_stands_there()
    {
        File.WriteAllText(_folder["tickets.jsonl"], "{}");
        AxolotlConfig config = Read(Guide);
        Assert.Equal(
            ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", Path.GetFullPath("lora-output"), 0.01, null, null),
            (config.Base, config.Out, config.ValidationShare, config.Method, config.Map));
        Assert.Equal([_folder["tickets.jsonl"]], config.Data);
        Assert.Equal(
            "--epochs 3 --rank 8 --alpha 16 --targets attn_q,attn_v --dropout 0.05 --learning-rate 0.0002 --schedule cosine --batch-size 4 --seq-len 1024 "
            + "--gradient-checkpointing on",
            string.Join(' ', OptionTable.Arguments(config.Options)));
        Assert.Equal(Guide.Split('\n').Count(line => char.IsLetter(line[0])), config.Findings.Count);
        Assert.DoesNotContain(config.Findings, finding => finding.Use == KeyUse.NotSupported);
    }

    [Theory]
    [InlineData("lora_r: 8", "Taken", "--rank 8")]
    [InlineData("lora_target_linear: true", "Translated", "--targets all")]
    [InlineData("lora_target_modules: all-linear", "Translated", "--targets all")]
    [InlineData("lora_target_modules: [q_proj, embed_tokens]", "NotSupported", "--targets attn_q")]
    [InlineData("peft_use_rslora: true", "Taken", "--rslora true")]
    [InlineData("num_epochs: 2.5", "Taken", "--epochs 3")]
    [InlineData("warmup_ratio: 0.03", "Taken", "--warmup 0.03")]
    [InlineData("lr_scheduler: constant_with_warmup", "Translated", "--schedule constant")]
    [InlineData("lr_scheduler: one_cycle", "NotSupported", "")]
    [InlineData("optimizer: lion_8bit", "NotSupported", "")]
    [InlineData("optimizer: paged_adamw_32bit", "Translated", "")]
    [InlineData("train_on_inputs: true", "NotSupported", "")]
    [InlineData("adapter: qlora", "Translated", "")]
    [InlineData("adam_beta2: 0.999", "Taken", "")]
    [InlineData("adam_beta2: 0.95", "NotSupported", "")]
    [InlineData("early_stopping_patience: 2", "Translated", "--early-stopping 2")]
    [InlineData("gradient_checkpointing: unsloth", "Taken", "--gradient-checkpointing on")]
    [InlineData("wandb_project: mine", "NotNeeded", "")]
    [InlineData("is_llama_derived_model: true", "NotNeeded", "")]
    [InlineData("fp16:", "NotNeeded", "")]
    [InlineData("rl: grpo", "NotSupported", "")]
    [InlineData("no_such_key: 1", "NotSupported", "")]
    public void A_key_has_its_use(string yaml, string use, string arguments)
    {
        AxolotlConfig config = Read(yaml);
        Assert.Equal(use, $"{Assert.Single(config.Findings).Use}");
        Assert.Equal(arguments, string.Join(' ', OptionTable.Arguments(config.Options)));
    }

    [Fact]
    public void Columns_method_and_its_options_are_taken()
    {
        AxolotlConfig config = Read("""
            rl: dpo
            rl_beta: 0.2
            datasets: [{path: a.jsonl, type: alpaca, field_instruction: pregunta, field_output: respuesta}, {path: b.jsonl}]
            test_datasets: [{path: c.jsonl}]
            """);
        Assert.Equal(("dpo", "prompt=pregunta,reply=respuesta", "--beta 0.2"), (config.Method, config.Map, string.Join(' ', config.MethodOptions)));
        Assert.Equal(["a.jsonl", "b.jsonl", "c.jsonl"], config.Data.Concat(config.Validation).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("lora_r: many", "lora_r: 'many' is no number")]
    [InlineData("lora_r: 1.5", "lora_r: '1.5' is no whole number")]
    [InlineData("lora_r: 9999", "options.rank")]
    [InlineData("datasets: [{type: alpaca}]", "each dataset needs a path")]
    [InlineData("a: [1", "is no YAML (line")]
    [InlineData("- a\n- b", "holds no options")]
    public void What_is_wrong_is_told_with_the_file(string yaml, string message)
    {
        var error = Assert.Throws<UserException>(() => Read(yaml));
        Assert.Contains(message, error.Message);
        Assert.Contains("config.yml", error.Message);
    }

    [Fact]
    public void Every_key_stands_in_the_table_of_the_documents()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "making.md"));
        Assert.Empty(AxolotlKeys.All.Where(key => !text.Contains($"`{key.Name}`", StringComparison.Ordinal)).Select(key => key.Name));
        Assert.Empty(AxolotlKeys.All.GroupBy(key => key.Name).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    private AxolotlConfig Read(string yaml)
    {
        File.WriteAllText(_folder["config.yml"], yaml);
        return AxolotlConfig.Read(_folder["config.yml"]);
    }
}
