#:project ../FineTuneChat.TestSupport/FineTuneChat.TestSupport.csproj
#:property IsPackable=false
#:property PublishAot=false
#:property NoWarn=CS1591

using FineTuneChat.TestSupport.Hub;

// The tests' hub as a program: dotnet run hub.cs MODEL.gguf. It offers that file as bare/machine:Q8_0 until its input ends.
await using HubServer hub = await HubServer.StartAsync();
hub.Add("bare/machine", [("machine-Q8_0.gguf", await File.ReadAllBytesAsync(args[0]))]);
Console.WriteLine(hub.Address);
while (Console.ReadLine() is not null)
{
}
