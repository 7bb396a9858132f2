using System.Globalization;
using System.Text;
using System.Text.Json;
using FineTuneChat.Datasets.Cleaning;
using FineTuneChat.Gguf;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Making;

/// <summary>The model card, in Markdown: what the model was made of and how, and its figures. No text of the data stands in it.</summary>
internal sealed class ModelCard(MakeOrder order, DataReport data, StageRecord training, StageRecord export, TestFigures? test)
{
    private const int FewRows = 30;

    private readonly StringBuilder _text = new();

    /// <param name="stages">All that were done, with the hashes of what they were made of.</param>
    /// <param name="model">The GGUF file's name.</param>
    public string Write(IReadOnlyList<StageRecord> stages, string model)
    {
        GgufFile header = GgufFile.Open(order.Base);
        Head(header);
        Line($"# {order.Name}");
        Line();
        Line($"`{order.BaseName}`, fine-tuned by `finetunechat make` ({order.Method}) on {data.Train} rows of "
            + $"{string.Join(", ", order.Data.Select(path => $"`{Path.GetFileName(path)}`"))}.");
        Line();
        Figures();
        Data(stages);
        Training();
        Files(stages, model, header);
        return _text.ToString();
    }

    private void Head(GgufFile header)
    {
        Line("---");
        Line($"base_model: {JsonSerializer.Serialize(header.Metadata.Text("general.source.huggingface.repository") ?? order.BaseName)}");
        if (header.Metadata.Text("general.license") is { } license)
            Line($"license: {JsonSerializer.Serialize(license)}");
        Line("pipeline_tag: text-generation");
        Line("tags: [lora, gguf, finetunechat]");
        Line("---");
        Line();
    }

    private void Figures()
    {
        Line("## Figures");
        Line();
        if (test is null)
        {
            Line("No row was kept for a test, so nothing is known of replies that the model has not seen.");
            Line();
            return;
        }
        Line($"On {test.Rows} test {(test.Rows == 1 ? "row" : "rows")}, which were not learned and by which nothing was chosen:");
        Line();
        Line("| | base | this model |");
        Line("|---|---:|---:|");
        Line($"| loss per token | {Number(test.BaseLoss)} | {Number(test.Loss)} |");
        Line($"| replies written word for word | {Share(test.BaseExact)} | {Share(test.Exact)} |");
        if (test.ValidJson is { } valid)
            Line($"| of those that should be JSON: valid | {Share(test.BaseValidJson ?? 0)} | {Share(valid)} |");
        if (test.Fields is { } fields)
            Line($"| fields that are right | {Share(test.BaseFields ?? 0)} | {Share(fields)} |");
        Line();
        if (test.Rows >= FewRows)
            return;
        Line($"{test.Rows} {(test.Rows == 1 ? "row is" : "rows are")} few: such figures can be chance. "
            + "A fact that stands in a test row only was never taught.");
        Line();
    }

    private void Data(IReadOnlyList<StageRecord> stages)
    {
        Line("## Data");
        Line();
        Line("| file | SHA-256 |");
        Line("|---|---|");
        foreach ((string name, string hash) in stages[0].Inputs.Where(i => i.Value.StartsWith(StageRecord.FilePrefix, StringComparison.Ordinal)))
            Line($"| `{Path.GetFileName(name)}` | `{Hash(hash)}` |");
        Line();
        Line($"{data.Read} rows were read{(data.Bad > 0 ? $", {data.Bad} could not be read and were left out" : "")}"
            + $"{(data.Other > 0 ? $", {data.Other} were of another kind and were left out" : "")}: "
            + $"{data.Train} to learn, {data.Validation} to choose by, {data.Test} for the test, split by similarity with seed {order.Seed}.");
        Line();
        Line("| rule | | rows changed | rows left out |");
        Line("|---|---|---:|---:|");
        foreach (CleaningRule rule in CleaningRule.All)
        {
            CleaningFigure? done = data.Cleaned.FirstOrDefault(c => c.Rule == rule.Name);
            Line($"| `{rule.Name}` | {rule.Text} | {(done is null ? "off" : done.Changed)} | {(done is null ? "off" : done.LeftOut)} |");
        }
        Line();
        if (data.Notices.Count == 0)
            return;
        Line("Noticed while reading:");
        Line();
        foreach (string notice in data.Notices)
            Line($"- {notice}");
        Line();
    }

    private void Training()
    {
        SweepResult? sweep = order.Sweep is null ? null : training.Result.Deserialize<SweepResult>(DataReport.Json);
        JsonElement result = sweep?.Training ?? training.Result;
        Line("## Training");
        Line();
        if (sweep is not null)
        {
            Line("| trial | loss on the rows to choose by | seconds |");
            Line("|---|---:|---:|");
            foreach (var (i, trial) in sweep.Trials.Index())
                Line($"| {trial.Title}{(i == sweep.Chosen ? " (taken)" : "")} | {Number(trial.ValidationLoss)} | {Number(Math.Round(trial.Seconds, 1))} |");
            Line();
        }
        Line("| | |");
        Line("|---|---|");
        foreach (OptionEntry entry in OptionTable.Of<Protocol.Runs.RunOptions>())
            if (entry.Property.GetValue(order.Options) is { } value)
                Line($"| `{entry.Option.Flag}` | {OptionTable.Text(value)} |");
        foreach (string figure in (string[])["steps", "train_loss", "val_loss", "tokens", "seconds"])
            if (result.TryGetProperty(figure, out JsonElement value) && value.ValueKind == JsonValueKind.Number)
                Line($"| {figure.Replace('_', ' ')} | {Number(value.GetDouble())} |");
        Line();
        Line("What is not named has its default: `adapter/run.json` has all of it.");
        Line();
    }

    private void Files(IReadOnlyList<StageRecord> stages, string model, GgufFile header)
    {
        Line("## Files");
        Line();
        Line("| file | | SHA-256 |");
        Line("|---|---|---|");
        foreach ((string file, string hash) in stages.Where(s => s.Stage is "train" or "choose" or "export").SelectMany(s => s.Outputs))
            Line($"| `{file.Replace('\\', '/')}` | {About(file)} | `{Hash(hash)}` |");
        Line();
        if (export.Result.TryGetProperty("reason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String)
        {
            Line(reason.GetString()!);
            Line();
        }
        Line($"Base: `{order.BaseName}`, {header.Architecture}, SHA-256 `{Hash(stages.First(s => s.Stage == "measure_base").Inputs["the model"])}`.");
        Line();
        Line("```bash");
        Line($"finetunechat run {model}                       # chat in the terminal");
        Line($"finetunechat serve --model {model}             # page and OpenAI's API");
        Line($"finetunechat install {model} --to lmstudio     # or ollama");
        Line("```");
    }

    private static string About(string file) => Path.GetFileName(file) switch
    {
        "adapter.gguf" => "the adapter for llama.cpp",
        "adapter_model.safetensors" => "the adapter for PEFT",
        "adapter_config.json" => "its configuration",
        "run.json" => "options and losses of the training",
        _ => "the whole model",
    };

    private static string Hash(string hash) => hash[StageRecord.FilePrefix.Length..];

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Share(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    private void Line(string text = "") => _text.Append(text).Append('\n');
}
