using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using FineTuneChat.Cli;
using FineTuneChat.Gateway;
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
        Type[] sections = [.. typeof(Settings).Assembly.GetTypes().Where(t => t.Name.EndsWith("Settings", StringComparison.Ordinal) && t.GetField("Section") is not null)];
        Assert.True(sections.Length >= 4);
        foreach (Type type in sections)
        {
            JsonElement section = file.RootElement.GetProperty((string)type.GetField("Section")!.GetValue(null)!);
            object defaults = Activator.CreateInstance(type)!;
            PropertyInfo[] properties = [.. type.GetProperties().Where(p => p.CanWrite)];
            Assert.Equal(properties.Select(p => p.Name).Order(), section.EnumerateObject().Select(p => p.Name).Order());
            foreach (PropertyInfo property in properties)
                Assert.Equal(JsonSerializer.Serialize(property.GetValue(defaults)), JsonSerializer.Serialize(section.GetProperty(property.Name).Deserialize(property.PropertyType)));
        }
    }

    private static Sample Read(params (string Key, string Value)[] given) => Settings.Read<Sample>(
        new ConfigurationBuilder().AddInMemoryCollection(given.Select(g => new KeyValuePair<string, string?>($"Sample:{g.Key}", g.Value))).Build(), "Sample");
}
