-- An action method v2.0 answers several values at once and may have the chatbot keep them: where, is the
-- chatbot's business, so it is one value of ours, {"name", "type", "action", "valueType"} as it is sent.
alter table action add column user_variable jsonb;
