-- People change the e-mail address of their account: a code that is mailed to the new one proves that they
-- read its mail. It is a code like those of sign-up and recovery, so it is kept and limited with them. Its
-- account is the one that asked, whoever has the address.

alter table mailed_code drop constraint mailed_code_purpose_is_known;
alter table mailed_code add constraint mailed_code_purpose_is_known
    check (purpose in ('sign_up', 'recovery', 'email_change'));
