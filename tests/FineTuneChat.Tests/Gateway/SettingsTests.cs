using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Learning;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using Microsoft.Extensions.Configuration;

namespace FineTuneChat.Tests.Gateway;

public sealed class SettingsTests
{
    private sealed class Sample
    {
        [Range(1, 8)] public int Number { get; init; } = 2;
        [AllowedValues("a", "b")] public string Letter { get; init; } = "a";
        public bool Flag { get; init; }
        public double Share { get; init; } = 0.5;
    }

    [Fact]
    public void What_is_not_given_keeps_its_default() =>
        Assert.Equal((2, "b", false), Read(("Letter", "b")) is var s ? (s.Number, s.Letter, s.Flag) : default);

    [Theory]
    [InlineData("Number", "9", "from 1 to 8")]
    [InlineData("Number", "many", "a whole number")]
    [InlineData("Letter", "c", "one of a, b")]
    [InlineData("Flag", "yes", "true or false")]
    [InlineData("Share", "half", "a number")]
    public void A_wrong_value_stops_with_key_value_and_what_is_allowed(string key, string value, string allowed)
    {
        string message = Assert.Throws<UserException>(() => Read((key, value))).Message;
        Assert.Contains($"Sample:{key}", message);
        Assert.Contains($"'{value}'", message);
        Assert.Contains(allowed, message);
        Assert.Contains($"FINETUNECHAT__Sample__{key}", message);
    }

    [Fact]
    public void A_misspelled_key_stops_with_the_keys_there_are()
    {
        string message = Assert.Throws<UserException>(() => Read(("Numbr", "1"))).Message;
        Assert.Contains("Sample:Numbr", message);
        Assert.Contains("Number", message);
    }

    /// <summary>appsettings.json shows every setting with the default that the code has.</summary>
    [Fact]
    public void The_settings_file_holds_every_key_with_its_default()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(Path.Combine(ContentRoot.Find(), "appsettings.json")));
        Type[] sections = [.. ((Type[])[typeof(Settings), typeof(GatewayHost)])
            .SelectMany(t => t.Assembly.GetTypes()).Where(t => t.Name.EndsWith("Settings", StringComparison.Ordinal) && t.GetField("Section") is not null)];
        Assert.Equal(15, sections.Length);
        string[] names = [.. sections.Select(type => (string)type.GetField("Section")!.GetValue(null)!)];
        foreach (Type type in sections)
        {
            JsonElement section = ((string)type.GetField("Section")!.GetValue(null)!).Split(':')
                .Aggregate(file.RootElement, (element, name) => element.GetProperty(name));
            Dictionary<string, object?> defaults = Values(Activator.CreateInstance(type)!).ToDictionary();
            string own = (string)type.GetField("Section")!.GetValue(null)!;
            Assert.Equal(defaults.Keys.Order(), section.EnumerateObject().Select(p => p.Name).Where(key => !names.Contains($"{own}:{key}")).Order());
            foreach ((string key, object? preset) in defaults)
                Assert.Equal(
                    JsonSerializer.Serialize(preset ?? 0),
                    JsonSerializer.Serialize(section.GetProperty(key).Deserialize(preset?.GetType() ?? typeof(int))));
        }
    }

    private static IEnumerable<KeyValuePair<string, object?>> Values(object settings) =>
        from property in settings.GetType().GetProperties()
        where property.CanWrite && !property.IsDefined(typeof(JsonExtensionDataAttribute))
        from value in property.IsDefined(typeof(InlineAttribute))
            ? Values(property.GetValue(settings)!)
            : [KeyValuePair.Create(property.Name, property.GetValue(settings))]
        select value;

    [Theory]
    [InlineData("auto", "on")] // the file holds the default under the new name
    [InlineData("off", "off")]
    public void A_setting_by_its_old_name_counts_and_is_named(string newValue, string expected)
    {
        var told = new List<string>();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Retraining:GradientCheckpointing", newValue), new("Retraining:Frugal", "on"), new("Retraining:Epochs", "0")]).Build();
        RetrainingSettings settings = Settings.Read<RetrainingSettings>(configuration, RetrainingSettings.Section, told.Add);
        Assert.Equal(expected, settings.Run.GradientCheckpointing);
        Assert.Contains("Retraining:GradientCheckpointing", Assert.Single(told), StringComparison.Ordinal);
    }

    private static Sample Read(params (string Key, string Value)[] given) => Settings.Read<Sample>(
        new ConfigurationBuilder().AddInMemoryCollection(given.Select(g => new KeyValuePair<string, string?>($"Sample:{g.Key}", g.Value))).Build(), "Sample");
}
