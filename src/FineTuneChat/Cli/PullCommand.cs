using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Models.Manager;

namespace FineTuneChat.Cli;

/// <summary><c>pull</c>: a model from the hub into the models folder.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name")
        {
            Description = "owner/repo, owner/repo:Q4_K_M, hf.co/owner/repo:Q4_K_M, or https://…/file.gguf. Without a quantisation it is Q4_K_M, or the nearest to it",
        };
        Option<bool> json = ModelsAccess.JsonOption();
        var command = new Command("pull", "Fetches a model from Hugging Face (Models:HubUrl). Stopped in the middle, the same order goes on from there.") { name, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            PullResult result = await RunAsync(access, parsed.GetRequiredValue(name), cancellation);
            Console.WriteLine(ModelsAccess.IsForPeople(parsed.GetValue(json))
                ? $"{result.File}\nChat with it: finetunechat run {result.Name}"
                : JsonSerializer.Serialize(result, ModelsJson.Wire.PullResult));
        });
        return command;
    }

    /// <summary>Fetches a model and shows how far it is.</summary>
    public static async Task<PullResult> RunAsync(ModelsAccess access, string name, CancellationToken cancellation)
    {
        PullPlan plan = await access.Pull.PlanAsync(name, cancellation);
        if (plan.Projectors.Count > 0)
            await Console.Error.WriteLineAsync(
                $"It has a vision projector ({string.Join(", ", plan.Projectors.Select(p => p.Path))}), which is not fetched: models read text alone here.");
        try
        {
            return await PullDisplay.ShowAsync(plan, report => access.Pull.RunAsync(plan, report, cancellation));
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("What has come is kept: the same order goes on from there.");
            throw;
        }
    }
}
