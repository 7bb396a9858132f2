namespace FineTuneChat.Making;

/// <summary>Where things are in the folder of a <c>make</c>.</summary>
internal sealed class MakeFolder(string root)
{
    public string Root => root;

    /// <summary>The record of the stages.</summary>
    public string Record => Path.Combine(root, "make.json");
    public string Lock => Path.Combine(root, ".lock");

    public string Data => Path.Combine(root, "data");
    public string Train => Path.Combine(Data, "train.jsonl");
    public string Validation => Path.Combine(Data, "validation.jsonl");
    public string Test => Path.Combine(Data, "test.jsonl");

    /// <summary>The trainer's folder, or that of the trial that was chosen.</summary>
    public string Adapter => Path.Combine(root, "adapter");
    public string Card => Path.Combine(root, "README.md");

    public string Trial(int number) => Path.Combine(root, "sweep", $"{number}");
    public string Model(string type) => Path.Combine(root, $"model-{type}.gguf");

    /// <summary>What a trainer's folder has for others: adapter, PEFT's files, its report.</summary>
    public static IReadOnlyList<string> Results(string trainer) =>
        [.. ((string[])["adapter.gguf", "adapter_config.json", "adapter_model.safetensors", "run.json"]).Select(file => Path.Combine(trainer, file))];
}
