using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Documents;

/// <summary>
/// <c>wwwroot/api-types.d.ts</c>, by which the page's modules are checked, says what the server answers. <c>FTC_TYPES</c> names the file to make anew.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class PageTypesTests
{
    [Fact]
    public async Task The_page_is_checked_by_the_types_of_the_document()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string types = TypeScript.Declarations(await gateway.GetJsonAsync("/openapi.json"));
        if (Environment.GetEnvironmentVariable("FTC_TYPES") is { } path)
            await File.WriteAllTextAsync(path, types);

        string committed = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "wwwroot", "api-types.d.ts"));

        Assert.True(committed.ReplaceLineEndings("\n") == types,
            "The API's types have changed. Make the page's anew: "
            + "FTC_TYPES=$PWD/wwwroot/api-types.d.ts dotnet test tests/FineTuneChat.Tests --filter PageTypesTests");
    }
}
