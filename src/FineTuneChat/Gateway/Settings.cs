using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using FineTuneChat.Cli;

namespace FineTuneChat.Gateway;

/// <summary>
/// Reads a section of the settings, once, at the start; a wrong value stops it with key, value and what is allowed.
/// To add a setting: 1. a property with its default and its attribute on the section's class; 2. the same key and default in
/// <c>appsettings.json</c>; 3. a line in the README if users should know it. The environment overrides: <c>FINETUNECHAT__Section__Key</c>.
/// </summary>
internal static class Settings
{
    /// <exception cref="UserException">A key is unknown, or its value is of the wrong type or out of range.</exception>
    public static T Read<T>(IConfiguration configuration, string section) where T : class, new()
    {
        PropertyInfo[] properties = [.. typeof(T).GetProperties().Where(p => p.CanWrite)];
        foreach (IConfigurationSection given in configuration.GetSection(section).GetChildren())
        {
            PropertyInfo property = properties.FirstOrDefault(p => p.Name.Equals(given.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new UserException($"Unknown setting {section}:{given.Key}. {section} has: {string.Join(", ", properties.Select(p => p.Name))}.");
            if (given.Value is { } text && Fault(property, text) is { } fault)
                throw Wrong(section, property.Name, text, fault);
        }

        var settings = new T();
        configuration.GetSection(section).Bind(settings);
        foreach (PropertyInfo property in properties)
            Validate(section, property, property.GetValue(settings));
        return settings;
    }

    /// <summary>What is wrong with a value, given as text: "must be from 1 to 64"; null when nothing is.</summary>
    public static string? Fault(PropertyInfo property, string text)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (!IsConvertible(text, type))
            return $"must be {Describe(type)}";
        object value = type.IsArray ? text : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        ValidationAttribute? broken = property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.IsValid(value));
        return broken is null ? null : Allowed(broken);
    }

    private static void Validate(string section, PropertyInfo property, object? value)
    {
        foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
            if (!rule.IsValid(value))
                throw Wrong(section, property.Name, Convert.ToString(value, CultureInfo.InvariantCulture), Allowed(rule));
    }

    private static UserException Wrong(string section, string key, string? value, string allowed) =>
        new($"Setting {section}:{key} is '{value}', but it {allowed}. Correct it in appsettings.json, in the environment variable FINETUNECHAT__{section}__{key} or on the command line.");

    private static string Allowed(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"must be from {range.Minimum} to {range.Maximum}"),
        AllowedValuesAttribute allowed => $"must be one of {string.Join(", ", allowed.Values)}",
        RequiredAttribute => "must not be empty",
        _ => rule.FormatErrorMessage("value"),
    };

    public static bool IsConvertible(string text, Type type)
    {
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number);
        if (type == typeof(bool))
            return bool.TryParse(text, out _);
        return true;
    }

    public static string Describe(Type type) =>
        type == typeof(int) ? "a whole number" : type == typeof(double) ? "a number with a decimal point, such as 0.5" : "true or false";
}
