using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>
/// A dataset that grows row by row, in OpenAI's fine-tuning format, and is gone on with where it stopped: a line that was cut off is dropped.
/// </summary>
internal sealed class DistilledFile : IDisposable
{
    private readonly FileStream _file;
    private readonly HashSet<string> _asked = [];
    private readonly Lock _gate = new();

    /// <exception cref="UserException">The file holds something else.</exception>
    public DistilledFile(string path)
    {
        _file = PrivateFile.Open(path, FileMode.OpenOrCreate, FileShare.Read);
        try
        {
            ReadRows(path);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Rows in it.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether the reply to this conversation is there.</summary>
    public bool Has(IReadOnlyList<RequestMessage> prompt)
    {
        lock (_gate)
            return _asked.Contains(Key(prompt));
    }

    /// <summary>Adds a row; it is in the file when this returns.</summary>
    public void Add(IReadOnlyList<RequestMessage> prompt, string reply)
    {
        string row = ExampleRow.Of([.. prompt, new RequestMessage { Role = "assistant", Content = reply }], tools: null);
        lock (_gate)
        {
            _file.Write(Encoding.UTF8.GetBytes(row + "\n"));
            _file.Flush();
            _asked.Add(Key(prompt));
            Rows++;
        }
    }

    /// <summary>Roles and texts: what makes two conversations the same.</summary>
    public static string Key(IReadOnlyList<RequestMessage> prompt) =>
        JsonSerializer.Serialize(prompt.Select(m => new[] { m.Role, m.Content }), RelaxedJson.Options);

    public void Dispose() => _file.Dispose();

    private void ReadRows(string path)
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        string text = reader.ReadToEnd();
        string whole = text[..(text.LastIndexOf('\n') + 1)];
        foreach (string line in whole.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            _asked.Add(Key([.. Messages(path, line).SkipLast(1)]));
            Rows++;
        }
        _file.SetLength(Encoding.UTF8.GetByteCount(whole));
        _file.Seek(0, SeekOrigin.End);
    }

    private static RequestMessage[] Messages(string path, string line)
    {
        try
        {
            using var row = JsonDocument.Parse(line);
            return [.. row.RootElement.GetProperty("messages").EnumerateArray().Select(m => m.Deserialize(OpenAiJson.Default.RequestMessage)!)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new UserException($"{path} is there already and is no dataset in OpenAI's format. Choose another name with --out FILE.", e);
        }
    }
}
