using System.Text.Json;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// <c>progress.jsonl</c>: one line for each step, in order, also of a run that was killed and resumed: steps that are done again replace their lines.
/// </summary>
public sealed class ProgressLog : IDisposable
{
    private readonly FileStream _file;
    private bool _isBegun;

    /// <summary>Opens the log for as long as the run lasts; nobody else may write to it meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="resume">Keep the lines of steps before the first one that is added; otherwise none.</param>
    /// <exception cref="IOException">It cannot be written, or another run holds it.</exception>
    public ProgressLog(string path, bool resume) =>
        _file = new FileStream(path, resume ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>Adds a step.</summary>
    /// <param name="progress">Of the step.</param>
    /// <returns>The line.</returns>
    public string Add(TrainingProgress progress)
    {
        if (!_isBegun)
            _file.SetLength(LengthBefore(progress.Step));
        _isBegun = true;
        string line = JsonSerializer.Serialize(progress);
        _file.Seek(0, SeekOrigin.End);
        JsonSerializer.Serialize(_file, progress);
        _file.WriteByte((byte)'\n');
        _file.Flush();
        return line;
    }

    /// <summary>Ends the log.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Where the lines of earlier steps end; a line that a crash cut off is none.</summary>
    private long LengthBefore(int step)
    {
        var text = new byte[_file.Length];
        _file.ReadExactly(text);
        int end = 0;
        for (int length; (length = text.AsSpan(end).IndexOf((byte)'\n')) >= 0 && StepOf(text.AsSpan(end, length)) < step; end += length + 1)
        {
        }

        return end;
    }

    private static int StepOf(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingProgress>(line)?.Step ?? int.MaxValue;
        }
        catch (JsonException)
        {
            return int.MaxValue;
        }
    }
}
