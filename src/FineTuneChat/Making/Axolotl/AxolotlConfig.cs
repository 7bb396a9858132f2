using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Runs;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FineTuneChat.Making.Axolotl;

/// <summary>Axolotl's YAML as an order: every key is taken, translated, or named as not supported (<see cref="AxolotlKeys"/>).</summary>
internal sealed class AxolotlConfig
{
    private readonly List<AxolotlFinding> _findings = [];

    private AxolotlConfig(string path) => Path = path;

    public string Path { get; }

    /// <summary>What is said of each key, in the file's order.</summary>
    public IReadOnlyList<AxolotlFinding> Findings => _findings;

    public string? Base { get; set; }
    public string? Out { get; set; }
    public List<string> Data { get; } = [];
    public List<string> Validation { get; } = [];
    public double? ValidationShare { get; set; }
    public string? Method { get; set; }
    public List<string> MethodOptions { get; } = [];
    public RunOptions Options { get; set; } = new();

    /// <summary>Names of columns, as <c>--map</c> takes them.</summary>
    public string? Map { get; set; }

    /// <summary>Of a step: their product is the batch.</summary>
    public int MicroBatch { get; set; } = 1;
    public int Accumulation { get; set; } = 1;
    public bool IsBatchGiven { get; set; }

    /// <exception cref="UserException">The file is not there, is no YAML, or a value is none that is allowed.</exception>
    public static AxolotlConfig Read(string path)
    {
        var config = new AxolotlConfig(path);
        YamlMappingNode root = Root(path);
        foreach ((YamlNode key, YamlNode value) in root.Children)
            config.Add($"{key}", new AxolotlValue(value));
        if (config.IsBatchGiven)
            config.Options = config.Options with { BatchSize = config.MicroBatch * config.Accumulation };
        try
        {
            config.Options = config.Options.Complete(new RunOptions());
        }
        catch (OpenAiException e)
        {
            throw new UserException($"{path}: {e.Message}", e);
        }
        return config;
    }

    /// <summary>A file of the YAML: beside it, where it is there; else where the program was started.</summary>
    public string FileOf(string name)
    {
        string beside = System.IO.Path.GetFullPath(name, System.IO.Path.GetDirectoryName(Path)!);
        return System.IO.Path.Exists(beside) || !System.IO.Path.Exists(name) ? beside : System.IO.Path.GetFullPath(name);
    }

    private void Add(string name, AxolotlValue value)
    {
        AxolotlKey? known = AxolotlKeys.Find(name);
        if (known is null)
        {
            _findings.Add(new($"{name} = {value.Text}", KeyUse.NotSupported, "it is not known here"));
            return;
        }
        if (value.IsEmpty)
        {
            _findings.Add(new(name, KeyUse.NotNeeded, "it is empty"));
            return;
        }
        try
        {
            Reading reading = known.Read?.Invoke(value, this) ?? new(known.Use, known.Here);
            _findings.Add(new($"{name} = {value.Text}", reading.Use, reading.Here));
        }
        catch (FormatException e)
        {
            throw new UserException($"{Path}: {name}: {e.Message}.", e);
        }
    }

    private static YamlMappingNode Root(string path)
    {
        try
        {
            var yaml = new YamlStream();
            using StreamReader text = File.OpenText(path);
            yaml.Load(text);
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? root : throw new UserException($"{path}: it holds no options; Axolotl's YAML is lines such as learning_rate: 0.0002.");
        }
        catch (YamlException e)
        {
            throw new UserException($"{path} is no YAML (line {e.Start.Line}): {e.Message}", e);
        }
    }
}
