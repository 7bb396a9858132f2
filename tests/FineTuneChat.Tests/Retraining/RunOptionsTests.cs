using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using FineTuneChat.Cli;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Tests.Retraining;

/// <summary>One option of a run, three ways to say it: a setting, an option of <c>POST /api/training/start</c>, an option of <c>train</c>.</summary>
public sealed class RunOptionsTests
{
    private static readonly RunOptions Unusual = new()
    {
        Epochs = 7,
        Rank = 5,
        Alpha = 11.5,
        RankStabilized = true,
        Targets = "attn_q,ffn_down",
        Dropout = 0.05,
        LearningRate = 3e-4,
        LearningRateMultiplier = 0.5,
        Schedule = "linear",
        Warmup = 0.2,
        WeightDecay = 0.01,
        MaxGradientNorm = 0.5,
        BatchSize = 3,
        SequenceLength = 512,
        EarlyStopping = 2,
        Seed = 17,
        TrainReasoning = true,
        GradientCheckpointing = "on",
        Device = "Vulkan0",
        ExportType = "F16",
    };

    [Fact]
    public void What_is_not_given_is_what_the_trainer_does_by_itself() =>
        Assert.Equal(Text(new FineTuneOptions()), Text(TrainCommand.Choose(new RunOptions().Complete(RunOptions.Defaults))));

    [Fact]
    public void A_run_takes_its_options_first_then_the_settings()
    {
        RunOptions settings = RunOptions.Defaults with { Epochs = 4, Dropout = 0.2, Schedule = "constant", LearningRate = 0 };
        RunOptions options = new RunOptions { Dropout = 0.1 }.Complete(settings);
        Assert.Equal((4, 0.1, "constant", null), (options.Epochs, options.Dropout, options.Schedule, options.LearningRate));
        Assert.Equal(Unusual, Unusual.Complete(settings));
    }

    [Fact]
    public void The_trainer_is_told_every_option()
    {
        string[] run = ["--base", "b", "--data", "d", "--out", "o"];
        RunOptions told = SettingOptions.Learning.Read(TrainCommand.Create().Parse([.. run, .. OptionTable.Arguments(Unusual)]));
        Assert.Equal(Unusual with { ExportType = null }, told); // that one is of the next step
        FineTuneOptions chosen = TrainCommand.Choose(told);
        string[] fixedByTheGateway =
        [
            nameof(FineTuneOptions.From), nameof(FineTuneOptions.Rope), nameof(FineTuneOptions.CheckpointSeconds), nameof(FineTuneOptions.Preferences),
        ];
        foreach (PropertyInfo property in typeof(FineTuneOptions).GetProperties().Where(p => p.CanWrite && !fixedByTheGateway.Contains(p.Name)))
            Assert.NotEqual(property.GetValue(new FineTuneOptions()), property.GetValue(chosen));
    }

    [Theory]
    [InlineData("--rslora --targets attn_q attn_v --frugal", true, "attn_q,attn_v", "on")]
    [InlineData("--rslora false --targets all --frugal off", false, "all", "off")]
    public void Flags_stand_alone_and_names_in_a_row(string arguments, bool isStabilized, string targets, string frugal)
    {
        RunOptions given = SettingOptions.Learning.Read(TrainCommand.Create().Parse(["--base", "b", "--data", "d", "--out", "o", .. arguments.Split(' ')]));
        Assert.Equal((isStabilized, targets, frugal), (given.RankStabilized, given.Targets, given.GradientCheckpointing));
    }

    [Theory]
    [InlineData("""{"epochs":0}""", "'options.epochs' must be from 1 to 1000.")]
    [InlineData("""{"learning_rate":2}""", "'options.learning_rate' must be from 1E-07 to 1.")]
    [InlineData("""{"alpha":0}""", "'options.alpha' must be from 0.01 to 4096.")]
    [InlineData("""{"dropout":1}""", "'options.dropout' must be from 0 to 0.99.")]
    [InlineData("""{"schedule":"steps"}""", "'options.schedule' must be one of cosine, linear, constant.")]
    [InlineData("""{"warmup":-0.1}""", "'options.warmup' must be from 0 to 1.")]
    [InlineData("""{"weight_decay":11}""", "'options.weight_decay' must be from 0 to 10.")]
    [InlineData("""{"max_gradient_norm":-1}""", "'options.max_gradient_norm' must be from 0 to 1000000.")]
    [InlineData("""{"sequence_length":8}""", "'options.sequence_length' must be from 16 to 131072.")]
    [InlineData("""{"early_stopping":1001}""", "'options.early_stopping' must be from 0 to 1000.")]
    [InlineData(
        """{"targets":"attn_q,attn_z"}""",
        "'options.targets' must be all, or some of attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down, separated by commas.")]
    [InlineData("""{"frugal":"maybe"}""", "'options.gradient_checkpointing' must be one of auto, on, off.")]
    [InlineData("""{"export_type":"Q1"}""", "'options.export_type' must be one of Q4_K_M, Q5_K_M, Q6_K, Q8_0, F16, BF16.")]
    [InlineData("""{"drop_out":0.1}""", "options.drop_out")]
    public void A_wrong_option_is_answered_with_what_is_allowed(string json, string message)
    {
        RunOptions options = JsonSerializer.Deserialize(json, RunsJson.Wire.RunOptions)!;
        Assert.Contains(message, Assert.Throws<OpenAiException>(() => options.Complete(RunOptions.Defaults)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_by_its_old_name_counts()
    {
        RunOptions options = JsonSerializer.Deserialize("""{"frugal":"on"}""", RunsJson.Wire.RunOptions)!;
        Assert.Equal("on", options.Complete(RunOptions.Defaults).GradientCheckpointing);
        Assert.Equal("off", (options with { GradientCheckpointing = "off" }).Complete(RunOptions.Defaults).GradientCheckpointing);
        RunOptions given = SettingOptions.Learning.Read(TrainCommand.Create().Parse(["--base", "b", "--data", "d", "--out", "o", "--frugal"]));
        Assert.Equal("on", given.GradientCheckpointing);
    }

    /// <summary>Whatever the settings allow, the trainer does not refuse.</summary>
    [Fact]
    public void The_settings_ranges_are_within_the_trainers()
    {
        foreach (PropertyInfo option in Settings.Keys(typeof(RunOptions)))
        {
            object?[] values = option.GetCustomAttribute<RangeAttribute>() is { } range
                ? [range.Minimum, range.Maximum]
                : option.GetCustomAttribute<AllowedValuesAttribute>()?.Values ?? [];
            foreach (object? value in values)
            {
                var options = new RunOptions();
                option.SetValue(
                    options, Convert.ChangeType(value, Nullable.GetUnderlyingType(option.PropertyType) ?? option.PropertyType, CultureInfo.InvariantCulture));
                TrainCommand.Choose(options.Complete(RunOptions.Defaults)).Validate();
            }
        }
        Assert.Equal(LoraAdapter.AllLinears, TargetsAttribute.Linears);
    }

    private static string Text(FineTuneOptions options) => JsonSerializer.Serialize(options);
}
