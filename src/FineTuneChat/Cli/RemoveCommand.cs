using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Manager;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Cli;

/// <summary><c>rm</c>: deletes a model's files.</summary>
internal static class RemoveCommand
{
    /// <param name="verb"><c>rm</c>, or <c>remove</c> as a verb of <c>models</c>.</param>
    public static Command Create(string verb = "rm")
    {
        var name = new Argument<string>("name") { Description = "A model's name" };
        Option<bool> json = ModelsAccess.JsonOption();
        var command = new Command(verb, "Deletes a model's files.") { name, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            string asked = parsed.GetRequiredValue(name);
            LocalModel model = access.Catalog.Find(asked)
                ?? throw new UserException($"There is no model '{asked}'. There is: {string.Join(", ", access.Catalog.List().Select(m => m.Name))}.");
            await RequireUnusedAsync(access, model, cancellation);
            long bytes = access.Describe(model).Bytes;
            access.Models.Remove(model);
            Console.WriteLine(ModelsAccess.IsForPeople(parsed.GetValue(json))
                ? $"{model.Name} is deleted: {ModelText.Bytes(bytes)} are free again."
                : JsonSerializer.Serialize(new Removed(model.Name, "model"), ModelsJson.Wire.Removed));
        });
        return command;
    }

    private static async Task RequireUnusedAsync(ModelsAccess access, LocalModel model, CancellationToken cancellation)
    {
        string @base = access.Settings.Models.Base;
        if (@base == model.Name || Path.GetFullPath(Path.Combine(UserRoot.Find(), @base)) == model.Path)
            throw new UserException($"The assistant starts from {model.Name} (Models:Base). Choose another base first.");
        if (model.IsForeign)
            throw new UserException($"{model.Path} came with FineTuneChat or belongs to another program (Models:OtherFolders). Delete it there.");
        using RunningServer? server = await RunningServer.FindAsync(access.Settings.Server.Urls, cancellation);
        if (server?.Models.Any(m => m.Name == model.Name && (m.State != ModelState.Unloaded || m.IsBase)) == true)
            throw new UserException($"{model.Name} is in use by the server at {server.Address}. Unload it there first, or stop the server.");
    }
}
