using System.Diagnostics;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Serving;

/// <summary>A model id that can be asked for, and what serves it.</summary>
internal sealed record ServableModel(ModelObject Card, EngineSpecification Engine);

/// <summary>An engine that is loaded.</summary>
/// <param name="Id">The model id by which it is asked.</param>
/// <param name="Engine">What it serves.</param>
/// <param name="EndsAt">When it ends if nobody asks until then; null: it stays.</param>
/// <param name="Running">Its process, and since when it is ready; null: it is starting.</param>
internal sealed record LoadedEngine(string Id, EngineSpecification Engine, DateTimeOffset? EndsAt, (int? ProcessId, DateTimeOffset Since)? Running)
{
    /// <summary>Memory of the process, the model's file included as far as it is read; null while there is none.</summary>
    public long? MemoryBytes
    {
        get
        {
            try
            {
                using Process? process = Running?.ProcessId is { } id ? Process.GetProcessById(id) : null;
                return process?.WorkingSet64;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return null; // it has just died
            }
        }
    }
}
