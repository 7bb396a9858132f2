namespace FineTuneChat.Datasets;

/// <summary>A row is bad; the message says why. Never leaves <see cref="ConversationReader"/>.</summary>
internal class RowException(string reason) : Exception(reason);
