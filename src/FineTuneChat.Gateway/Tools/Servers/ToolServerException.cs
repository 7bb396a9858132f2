namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>A server of tools did not do what it should; the message says what, for whoever has configured it.</summary>
internal class ToolServerException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>It has not answered in time.</summary>
internal sealed class ToolServerTimeoutException(string message) : ToolServerException(message);
