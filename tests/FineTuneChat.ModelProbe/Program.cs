using System.Globalization;
using System.Text.Json;
using FineTuneChat.ModelProbe;
using FineTuneChat.Native.Loading;

// Reads one JSON request a line, answers each with one JSON line. Standard error is for the runtime's last words.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var log = new BufferSizeLog();
NativeLibraries.Load(log);
while (Console.ReadLine() is { } line)
{
    ProbeReply reply = Probe.Run(JsonSerializer.Deserialize<ProbeRequest>(line)!, log);
    Console.WriteLine(JsonSerializer.Serialize(reply));
}
