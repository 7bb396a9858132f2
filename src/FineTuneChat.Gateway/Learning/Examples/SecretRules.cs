using System.Text.RegularExpressions;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// Finds what must not become weights by accident: keys, tokens, e-mail addresses, card numbers. By pattern, so neither all nor only secrets:
/// what is found is kept aside until the user says otherwise. The expressions do not backtrack: a hostile text takes no longer than another.
/// </summary>
internal static class SecretRules
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly (string Flag, Regex Pattern)[] Patterns =
    [
        ("private_key", new("-----BEGIN [A-Z ]*PRIVATE KEY", Linear)),
        // OpenAI and Anthropic, Stripe, AWS, GitHub, GitLab, Slack, Google, Hugging Face, npm
        ("api_key", new(
            @"\b(sk-[A-Za-z0-9_-]{20,}|[rs]k_(live|test)_[A-Za-z0-9]{16,}|A(KI|SI)A[0-9A-Z]{16}\b|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{36,}"
            + @"|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{35}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36})",
            Linear)),
        ("token", new(@"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", Linear)), // a JSON web token
        ("token", new(@"\bBearer\s+[A-Za-z0-9._~+/-]{20,}", Linear | RegexOptions.IgnoreCase)),
        ("email", new(@"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}", Linear)),
    ];

    private static readonly Regex Assigned = new(
        @"(api[_-]?key|secret|token|password|passwd|contraseña|clave)[""']?\s*[:=]\s*[""']?(?<value>[^\s""']{8,})", Linear | RegexOptions.IgnoreCase);

    private static readonly Regex Digits = new(@"\b[2-6][0-9]([ -]?[0-9]){11,17}\b", Linear); // what cards begin with

    /// <summary>The flags of all messages together, each once.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<RequestMessage> messages) =>
        [.. messages.SelectMany(Texts).SelectMany(text => Find(text)).Distinct()];

    private static IEnumerable<string?> Texts(RequestMessage message) =>
        [message.Content, message.ReasoningContent, .. (message.ToolCalls ?? []).Select(c => c.Function?.Arguments)];

    public static IEnumerable<string> Find(string? text)
    {
        if (string.IsNullOrEmpty(text))
            yield break;
        foreach ((string flag, Regex pattern) in Patterns)
            if (pattern.IsMatch(text))
                yield return flag;
        if (Assigned.Matches(text).Any(m => m.Groups["value"].Value.Any(char.IsAsciiDigit)))
            yield return "token"; // with a digit: "the password: something" is talk
        if (Digits.Matches(text).Any(m => IsCardNumber(m.Value)))
            yield return "card_number";
    }

    /// <summary>Luhn's check: from the right every second digit counts twice, and all together are a multiple of ten.</summary>
    private static bool IsCardNumber(string text)
    {
        int sum = 0, place = 0;
        foreach (char c in text.Where(char.IsAsciiDigit).Reverse())
        {
            int digit = (c - '0') * (place++ % 2 == 0 ? 1 : 2);
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum % 10 == 0;
    }
}
