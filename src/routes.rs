//! The one table of URLs.

use actix_web::{
    HttpResponse, Resource, Scope,
    dev::HttpServiceFactory,
    http::header,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use crate::{
    account::{login, passkey_login, provider, recovery, second_step, sign_up, verify},
    admin::{
        self, accounts, admins, attempts, clients, invitations, links, providers, settings,
        settings::scopes,
    },
    authorize::{consent, metadata, start},
    cek,
    chatbot::{self, connect},
    ops::health,
    protocol::OAuthError,
    resolve,
    self_service::{
        connections, deletion, details, email, export, factors, linked_apps,
        password as own_password, security,
    },
    token,
    web::{
        assets,
        bounds::{self, Audience},
        branding::files,
        json,
        page_error::PageError,
        pages::Problem,
        start as pages,
    },
};

/// What people and platforms reach.
#[rustfmt::skip]
pub fn public(app: &mut ServiceConfig) {
    app
        // Platforms
        .service(page("/oauth/authorize").get(start::start).post(start::start).done())
        .service(machine("/oauth/token").post(token::endpoint::post).done())
        .service(machine("/oauth/revoke").post(token::revoke::post).done())
        .service(machine("/oauth/introspect").post(resolve::introspect::post).done())
        .service(machine("/oauth/userinfo").get(resolve::userinfo::get).post(resolve::userinfo::get).done())
        .service(machine("/oauth/jwks").get(token::jwks::get).done())
        .service(machine("/resolve").get(resolve::endpoint::get).post(resolve::endpoint::get).done())
        .service(calls())
        .service(web::scope("/chatbot")
            .service(machine("/{client_id}/confirm").post(connect::confirm::post).done())
            .service(page("/{client_id}/login").get(connect::login::start).done()))
        .service(web::scope("/cek").service(machine("/{client_id}").post(cek::endpoint::post).done()))
        .service(web::scope("/record")
            .service(machine("/{client_id}").any(chatbot::recorder::endpoint::record))
            .service(machine("/{client_id}/{rest:.*}").any(chatbot::recorder::endpoint::record)))
        .service(machine("/.well-known/oauth-authorization-server").get(metadata::get).done())
        // People
        .service(page("/").get(pages::home).done())
        .service(page("/login").get(login::show).post(login::submit).done())
        .service(page("/login/factor").get(second_step::show).post(second_step::submit).done())
        .service(page("/login/passkey").get(passkey_login::up).post(passkey_login::submit).done())
        .service(page("/login/connect").get(provider::connect::show).post(provider::connect::submit).done())
        .service(page("/login/with/{provider}").get(provider::sign_in::up).post(provider::sign_in::start).done())
        .service(page("/login/with/{provider}/callback").get(provider::sign_in::callback).done())
        .service(page("/logout").post(login::log_out).done())
        .service(page("/signup").get(sign_up::show).post(sign_up::submit).done())
        .service(page("/signup/with").get(provider::newcomer::show).post(provider::newcomer::submit).done())
        .service(page("/signup/finish").get(sign_up::show_finish).post(sign_up::submit_finish).done())
        .service(page("/password/forgot").get(recovery::show).post(recovery::submit).done())
        .service(page("/password/reset").get(recovery::show_reset).post(recovery::submit_reset).done())
        .service(page("/verify").get(verify::show).post(verify::submit).done())
        .service(page("/consent").get(consent::show).post(consent::submit).done())
        .service(page("/connect").get(connect::asking::show).post(connect::asking::submit).done())
        .service(page("/account").get(linked_apps::show).done())
        .service(page("/account/unlink").post(linked_apps::unlink).done())
        .service(page("/account/security").get(security::show).post(security::submit).done())
        .service(page("/account/factors").get(factors::show).done())
        .service(page("/account/factors/app").get(factors::app::show).post(factors::app::submit).done())
        .service(page("/account/factors/codes").get(factors::codes::show).post(factors::codes::submit).done())
        .service(page("/account/factors/passkeys/new").get(factors::passkeys::show_new).post(factors::passkeys::add).done())
        .service(page("/account/factors/passkeys/{id}").get(factors::passkeys::show).post(factors::passkeys::change).done())
        .service(page("/account/connections").get(connections::up).post(connections::submit).done())
        .service(page("/account/connections/with/{provider}").get(connections::up).post(connections::connect).done())
        .service(page("/account/password").get(own_password::show).post(own_password::submit).done())
        .service(page("/account/you").get(details::show).post(details::submit).done())
        .service(page("/account/email").get(email::show).post(email::submit).done())
        .service(page("/account/email/code").get(email::code::show).post(email::code::submit).done())
        .service(page("/account/export").get(export::get).done())
        .service(page("/account/delete").get(deletion::ask).post(deletion::submit).done())
        .service(page("/account/keep").post(deletion::call_off).done())
        .service(page("/privacy").get(pages::privacy).done())
        .service(page("/static/{file}").get(assets::get).done())
        .service(page("/brand/{file}").get(files::get).done())
        .configure(console)
        .default_service(web::to(pages::not_found));
}

/// What chatbots call on every utterance. A pattern with names in it is matched by a regular expression:
/// the scope keeps other requests from these, and the likely one comes first.
#[rustfmt::skip]
fn calls() -> Scope {
    web::scope("/action")
        .service(machine("/{client_id}/{action}").get(chatbot::endpoint::call).post(chatbot::endpoint::call).done())
        .service(machine("/{client_id}").post(chatbot::several::call).done())
        .service(machine("/{client_id}/k/{secret}").post(chatbot::by_chat_user::call).done())
}

/// What admins reach. Who may is in the type each handler takes: see [`admin::guard`].
#[rustfmt::skip]
fn console(app: &mut ServiceConfig) {
    app
        .service(page("/admin").get(admin::home::show).done())
        .service(page("/admin/login").get(admin::login::show).post(admin::login::submit).done())
        .service(page("/admin/login/factor").get(admin::second_step::show).post(admin::second_step::submit).done())
        .service(page("/admin/sign-in").get(admin::own::show).done())
        .service(page("/admin/sign-in/app").get(admin::own::app::show).post(admin::own::app::submit).done())
        .service(page("/admin/sign-in/passkeys/new").get(admin::own::passkeys::show_new).post(admin::own::passkeys::add).done())
        .service(page("/admin/sign-in/passkeys/{id}").get(admin::own::passkeys::show).post(admin::own::passkeys::remove).done())
        .service(page("/admin/sign-in/codes").get(admin::own::codes::show).post(admin::own::codes::submit).done())
        .service(page("/admin/logout").post(admin::login::log_out).done())
        .service(page("/admin/accounts").get(accounts::list).done())
        .service(page("/admin/accounts/new").get(accounts::edit::show_new).post(accounts::edit::create).done())
        .service(page("/admin/accounts/{id}").get(accounts::show::show).done())
        .service(page("/admin/accounts/{id}/edit").get(accounts::edit::show).post(accounts::edit::save).done())
        .service(page("/admin/accounts/{id}/disable").get(accounts::switch::ask_to_disable).post(accounts::switch::disable).done())
        .service(page("/admin/accounts/{id}/enable").get(accounts::switch::ask_to_enable).post(accounts::switch::enable).done())
        .service(page("/admin/accounts/{id}/factors").get(accounts::factors::ask).post(accounts::factors::clear).done())
        .service(page("/admin/invitations").get(invitations::list).done())
        .service(page("/admin/invitations/new").get(invitations::new::show).post(invitations::new::create).done())
        .service(page("/admin/invitations/{id}").get(invitations::show::show).done())
        .service(page("/admin/invitations/{id}/send").get(admin::guard::up).post(invitations::show::send).done())
        .service(page("/admin/invitations/{id}/withdraw").get(admin::guard::up).post(invitations::show::withdraw).done())
        .service(page("/admin/links").get(links::list).done())
        .service(page("/admin/links/{id}").get(links::show::show).done())
        .service(page("/admin/links/{id}/end").get(links::end::ask).post(links::end::end).done())
        .service(page("/admin/attempts").get(attempts::list).done())
        .service(page("/admin/attempts/{code}").get(attempts::show::show).done())
        .service(page("/admin/admins").get(admins::list).done())
        .service(page("/admin/admins/new").get(admins::edit::show_new).post(admins::edit::create).done())
        .service(page("/admin/admins/{id}").get(admins::edit::show).post(admins::edit::save).done())
        .service(page("/admin/admins/{id}/disable").get(admins::switch::ask_to_disable).post(admins::switch::disable).done())
        .service(page("/admin/admins/{id}/enable").get(admins::switch::ask_to_enable).post(admins::switch::enable).done())
        .service(page("/admin/admins/{id}/factors").get(admins::factors::ask).post(admins::factors::clear).done())
        .service(page("/admin/providers").get(providers::list).done())
        .service(page("/admin/providers/new").get(providers::new::show).post(providers::new::create).done())
        .service(page("/admin/providers/{id}").get(providers::edit::show).post(providers::edit::save).done())
        .service(page("/admin/providers/{id}/disable").get(admin::guard::up).post(providers::switch::disable).done())
        .service(page("/admin/providers/{id}/enable").get(admin::guard::up).post(providers::switch::enable).done())
        .service(page("/admin/providers/{id}/delete").get(providers::remove::ask).post(providers::remove::delete).done())
        .service(page("/admin/settings").get(settings::show).post(settings::save).done())
        .service(page("/admin/settings/scopes/new").get(scopes::show_new).post(scopes::create).done())
        .service(page("/admin/settings/scopes/edit").get(scopes::show).post(scopes::save).done())
        .service(page("/admin/settings/scopes/delete").get(scopes::ask_to_delete).post(scopes::delete).done())
        .configure(console_clients);
}

#[rustfmt::skip]
fn console_clients(app: &mut ServiceConfig) {
    app
        .service(page("/admin/clients").get(clients::list::show).done())
        .service(page("/admin/clients/new").get(clients::new::show).post(clients::new::submit).done())
        .service(page("/admin/clients/{id}").get(clients::show::show).done())
        .service(page("/admin/clients/{id}/setup").get(clients::setup::show).post(clients::setup::play).done())
        .service(page("/admin/clients/{id}/edit").get(clients::edit::show).post(clients::edit::submit).done())
        .service(page("/admin/clients/{id}/look").get(clients::look::show).post(clients::look::submit).done())
        .service(page("/admin/clients/{id}/look/logo").get(admin::guard::up).post(clients::look::upload).done())
        .service(page("/admin/clients/{id}/actions").get(clients::actions::show).post(clients::actions::submit).done())
        .service(page("/admin/clients/{id}/actions/delete").get(admin::guard::up).post(clients::actions::delete).done())
        .service(page("/admin/clients/{id}/record").get(clients::recorder::show).post(clients::recorder::submit).done())
        .service(page("/admin/clients/{id}/record/adopt").get(admin::guard::up).post(clients::recorder::adopt).done())
        .service(page("/admin/clients/{id}/secret").get(clients::secret::show).post(clients::secret::submit).done())
        .service(page("/admin/clients/{id}/call-secret").get(admin::guard::up).post(clients::chat::call_secret).done())
        .service(page("/admin/clients/{id}/disable").get(admin::guard::up).post(clients::switch::disable).done())
        .service(page("/admin/clients/{id}/enable").get(admin::guard::up).post(clients::switch::enable).done())
        .service(page("/admin/clients/{id}/delete").get(clients::remove::show).post(clients::remove::submit).done());
}

/// What balancers and monitors reach.
pub fn ops(app: &mut ServiceConfig) {
    app.route("/health/live", web::get().to(health::live))
        .route("/health/ready", web::get().to(health::ready))
        .route("/metrics", web::get().to(health::metrics));
}

/// A resource under construction; what it doesn't take is refused as its callers expect.
struct Address {
    resource: Resource,
    audience: Audience,
    get: bool,
    post: bool,
}

fn page(path: &str) -> Address {
    Address::new(path, Audience::People)
}

fn machine(path: &str) -> Address {
    Address::new(path, Audience::Machines)
}

impl Address {
    fn new(path: &str, audience: Audience) -> Self {
        Self {
            resource: web::resource(path),
            audience,
            get: false,
            post: false,
        }
    }

    fn get<F, Args>(mut self, handler: F) -> Self
    where
        F: actix_web::Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        // A browser, a monitor or a cache may ask for the head alone.
        let head = web::head().to(handler.clone());
        self.resource = self.resource.route(web::get().to(handler)).route(head);
        self.get = true;
        self
    }

    fn post<F, Args>(mut self, handler: F) -> Self
    where
        F: actix_web::Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        self.resource = self.resource.route(web::post().to(handler));
        self.post = true;
        self
    }

    /// Takes every method, and is done.
    fn any<F, Args>(mut self, handler: F) -> impl HttpServiceFactory + 'static
    where
        F: actix_web::Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        self.resource = self.resource.route(web::route().to(handler));
        self.done()
    }

    fn done(self) -> impl HttpServiceFactory + 'static {
        let audience = self.audience;
        let allowed = match (self.get, self.post) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            (false, _) => "POST",
        };
        let refuse = move || async move { method_not_allowed(audience, allowed) };
        self.resource
            .default_service(web::to(refuse))
            .wrap(from_fn(move |request, next| {
                bounds::keep(audience, request, next)
            }))
    }
}

fn method_not_allowed(audience: Audience, allowed: &'static str) -> HttpResponse {
    match audience {
        Audience::People => {
            HttpResponse::from_error(PageError::from(Problem::MethodNotAllowed { allowed }))
        }
        Audience::Machines => {
            let error = OAuthError::invalid_request("the method is not allowed here");
            let mut response = json::oauth_error(&error.with_status(405));
            // RFC 9110 §15.5.6: the answer names what would be allowed.
            let allowed = header::HeaderValue::from_static(allowed);
            response.headers_mut().insert(header::ALLOW, allowed);
            response
        }
    }
}
