using FineTuneChat.Protocol.Processes;

namespace FineTuneChat.Engine.Loading;

/// <summary>Tells the gateway how much of a model's weights is there, once for each percent.</summary>
internal sealed class LoadingProgress
{
    private int _told = -1;

    public void Tell(float share)
    {
        int percent = (int)(share * 100);
        if (percent == _told)
            return;
        _told = percent;
        Console.WriteLine(EngineLines.Loading(percent));
    }
}
