using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Manager;

namespace FineTuneChat.Cli;

/// <summary><c>models import-ollama</c>: a model that Ollama has fetched already.</summary>
internal static class ImportOllamaCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "As Ollama calls it: llama3.2:1b" };
        Option<bool> json = ModelsAccess.JsonOption();
        var command = new Command("import-ollama", "Takes over a model that Ollama has fetched (OLLAMA_MODELS, or ~/.ollama/models).") { name, json };
        command.SetAction(async (parsed, _) =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            var clock = Stopwatch.StartNew();
            OllamaModel model = OllamaLibrary.OfThisMachine().Find(parsed.GetRequiredValue(name));
            string file = await OllamaLibrary.ImportAsync(model, access.Catalog);
            string called = access.Catalog.List().FirstOrDefault(m => m.Path == file)?.Name ?? Path.GetFileNameWithoutExtension(file);
            Console.WriteLine(ModelsAccess.IsForPeople(parsed.GetValue(json))
                ? $"{file}\nChat with it: finetunechat run {called}"
                : JsonSerializer.Serialize(
                    new PullResult(called, file, new FileInfo(file).Length, model.Sha256, clock.Elapsed.TotalSeconds), ModelsJson.Wire.PullResult));
        });
        return command;
    }
}
