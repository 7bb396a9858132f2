using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.FineTuning;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Trainers;

/// <summary>
/// A run as a fine-tuning job for a server elsewhere. What every such server knows stands where OpenAI has it; what a gateway like this one can beside
/// that is in the metadata, which others keep and do not read (<see cref="GuestOrder"/>).
/// </summary>
internal static class FarOrder
{
    private const string Train = "train", Valid = "valid";

    /// <summary>The files to upload, by what they are for. Rows that the base is to keep are also rows to learn: others know no difference.</summary>
    public static IReadOnlyDictionary<string, string> Files(RunFolder folder, Run run)
    {
        PrivateFile.CreateFolder(folder.Bundle);
        string train = Path.Combine(folder.Bundle, "train.jsonl");
        PrivateFile.WriteLines(train, folder.AllRows());
        var files = new Dictionary<string, string> { [Train] = train };
        if (run.HeldOut > 0)
            files[Valid] = folder.HeldOut;
        foreach ((string use, string file) in ((string, string)[])
            [(GuestOrder.Keep, folder.Keep), (GuestOrder.Until, folder.Accepted), (GuestOrder.Feedback, folder.Feedback)])
            if (RunFolder.HasRows(file))
                files[use] = file;
        return files;
    }

    /// <summary>The body of <c>POST /v1/fine_tuning/jobs</c>.</summary>
    public static JsonObject Body(string model, Run run, IReadOnlyDictionary<string, string> uploaded)
    {
        RunOptions options = run.Options;
        RunOptions sent = options with { Device = null, GradientCheckpointing = null, ExportType = null }; // of that machine, and of what is done here
        var metadata = new JsonObject
        {
            [GuestOrder.RunKey] = run.Id,
            [GuestOrder.TrainOnly] = "true",
            [GuestOrder.OptionsKey] = JsonSerializer.Serialize(sent, TrainersJson.Short.RunOptions),
        };
        foreach ((string use, string file) in uploaded.Where(f => f.Key is not (Train or Valid)))
            metadata[use] = file;
        var body = new JsonObject
        {
            ["model"] = model,
            ["training_file"] = uploaded[Train],
            ["seed"] = options.Seed,
            ["method"] = new JsonObject
            {
                ["type"] = "supervised",
                ["supervised"] = new JsonObject
                {
                    ["hyperparameters"] = new JsonObject
                    {
                        ["n_epochs"] = options.Epochs is { } epochs ? epochs : "auto",
                        ["batch_size"] = options.BatchSize,
                        ["learning_rate_multiplier"] = options.LearningRateMultiplier,
                    },
                },
            },
            ["metadata"] = metadata,
        };
        if (uploaded.TryGetValue(Valid, out string? valid))
            body["validation_file"] = valid;
        return body;
    }
}
