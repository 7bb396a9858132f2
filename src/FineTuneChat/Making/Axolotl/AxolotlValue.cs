using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace FineTuneChat.Making.Axolotl;

/// <summary>A value of the YAML, as what a key asks for.</summary>
/// <param name="Node">As it stands there.</param>
internal sealed record AxolotlValue(YamlNode Node)
{
    public string Text => Node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode list => string.Join(", ", list.Children.Select(child => new AxolotlValue(child).Text)),
        YamlMappingNode map => string.Join(", ", map.Children.Select(pair => $"{pair.Key} = {new AxolotlValue(pair.Value).Text}")),
        _ => "",
    };

    /// <summary>Whether nothing stands there: <c>fp16:</c>.</summary>
    public bool IsEmpty => Node is YamlScalarNode { Value: null or "" or "null" or "~" };

    public IReadOnlyList<string> Texts => Node is YamlSequenceNode list ? [.. list.Children.Select(child => new AxolotlValue(child).Text)] : [Text];

    public IReadOnlyList<AxolotlValue> Items => Node is YamlSequenceNode list ? [.. list.Children.Select(child => new AxolotlValue(child))] : [this];

    /// <exception cref="FormatException">It is no number.</exception>
    public double Number => double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        ? number : throw new FormatException($"'{Text}' is no number");

    /// <exception cref="FormatException">It is neither true nor false.</exception>
    public bool IsTrue => Text.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => throw new FormatException($"'{Text}' is neither true nor false"),
    };

    public AxolotlValue? this[string key] =>
        Node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value) ? new AxolotlValue(value) : null;

    public IEnumerable<string> Keys => Node is YamlMappingNode map ? map.Children.Keys.Select(key => $"{key}") : [];
}
