using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Cli;

/// <summary><c>keys</c>: who may talk to a server that listens for other machines.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "API keys: needed as soon as the server listens for other machines.") { Make(), List(), Revoke() };

    private static Command Make()
    {
        var name = new Option<string>("--name") { Description = "Whose key it is", Required = true };
        var scopes = new Option<string[]>("--scopes")
        {
            Description = "What it may do",
            DefaultValueFactory = _ => [Scopes.Chat, Scopes.Rate],
            AllowMultipleArgumentsPerToken = true,
        };
        scopes.AcceptOnlyFromAmong([.. Scopes.All]);
        var assistants = new Option<string[]?>("--assistants")
        {
            Description = "Ids of the assistants that it is for; none: all",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("create", "Makes a key and shows it, this once.") { name, scopes, assistants, data };
        command.SetAction(async (parsed, _) =>
        {
            await using Database database = DataAccess.Open(parsed.GetValue(data), isMade: true);
            string[]? only = parsed.GetValue(assistants) is { Length: > 0 } ids ? ids : null;
            if (only is not null && parsed.GetRequiredValue(scopes).Contains(Scopes.Admin))
                throw new UserException("An admin's key is for all assistants. Leave --assistants out.");
            foreach (string id in only ?? [])
                AssistantRegistry.RequireKnown(database, id);
            ApiKey key = await new ApiKeyStore(database, TimeProvider.System).CreateAsync(
                parsed.GetRequiredValue(name), parsed.GetRequiredValue(scopes), only);
            Console.WriteLine(JsonSerializer.Serialize(key, AccessJson.Wire.ApiKey));
        });
        return command;
    }

    private static Command List()
    {
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("list", "Shows the keys, without their secrets.") { data };
        command.SetAction(async (parsed, _) =>
        {
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            ListPage<ApiKey> keys = ListPage<ApiKey>.Of(new ApiKeyStore(database, TimeProvider.System).List(), int.MaxValue, k => k.Id);
            Console.WriteLine(JsonSerializer.Serialize(keys, AccessJson.Wire.ListPageApiKey));
        });
        return command;
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The key's id, from: keys list" };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("revoke", "Ends a key at once.") { id, data };
        command.SetAction(async (parsed, _) =>
        {
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            ApiKey key = await new ApiKeyStore(database, TimeProvider.System).RevokeAsync(parsed.GetRequiredValue(id))
                ?? throw new UserException($"There is no key '{parsed.GetRequiredValue(id)}'. See: keys list");
            Console.WriteLine(JsonSerializer.Serialize(key, AccessJson.Wire.ApiKey));
        });
        return command;
    }
}
