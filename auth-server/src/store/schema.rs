//! The tables as Diesel sees them, the same on every engine. Times are Unix seconds unless said otherwise.

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        /// The name in lower case: names are unique without regard to case.
        username_key -> Text,
        email -> Nullable<Text>,
        password_hash -> Text,
        /// The cost of the hash, in two digits; made by the database.
        password_cost -> Text,
        is_active -> Bool,
        /// Grows with every change of password, roles and `is_active`.
        version -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    user_roles (user_id, role) {
        user_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        /// Goes into every link's MAC, so that the server secret alone forges nothing.
        nonce -> Binary,
        /// The newest link of the refresh chain.
        generation -> BigInt,
        /// When the newest link was made, Unix milliseconds; null before the first refresh.
        advanced_at -> Nullable<BigInt>,
        /// What tokens of this session may be for, space-delimited.
        audience -> Text,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        user_agent -> Nullable<Text>,
        ip -> Nullable<Text>,
        /// The list and the place in it that tell whether tokens of this session were revoked.
        status_list -> BigInt,
        status_idx -> BigInt,
    }
}

diesel::table! {
    /// Revoked places in status lists, for as long as a token may live that names one.
    blocked_statuses (status_list, status_idx) {
        status_list -> BigInt,
        status_idx -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// One row.
    status_counter (id) {
        id -> Integer,
        /// The first place that no instance has reserved, counted through all lists.
        next_index -> BigInt,
        /// Older lists belong to the time before the database was restored: all of their tokens are revoked.
        first_list -> BigInt,
        restored_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Rows that are written to order transactions that must see each other's effects.
    guards (name) {
        name -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    /// Services that have tokens of their own.
    clients (id) {
        /// `client_id`.
        id -> Text,
        name -> Text,
        /// What its tokens may allow, space-delimited.
        scopes -> Text,
        is_active -> Bool,
        created_at -> BigInt,
        /// The place in a list of the present line of its tokens.
        status_list -> BigInt,
        status_idx -> BigInt,
    }
}

diesel::table! {
    /// One per client, two while one is being replaced.
    client_secrets (id) {
        id -> Text,
        client_id -> Text,
        /// SHA-256.
        secret_hash -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Ids that no client gets any more.
    removed_clients (id) {
        id -> Text,
        removed_at -> BigInt,
    }
}

diesel::table! {
    /// Secrets that are never good again.
    ended_client_secrets (secret_hash, client_id) {
        /// SHA-256.
        secret_hash -> Binary,
        client_id -> Text,
        ended_at -> BigInt,
    }
}

diesel::table! {
    /// Who did what, when, from where.
    audit_events (id) {
        id -> Text,
        occurred_at -> BigInt,
        event -> Text,
        actor_type -> Text,
        actor_id -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        subject_id -> Nullable<Text>,
        subject_name -> Nullable<Text>,
        detail -> Nullable<Text>,
        ip -> Nullable<Text>,
        request_id -> Nullable<Text>,
        /// The id once more, for lists by a filter; made by the database.
        listed_id -> Text,
    }
}

diesel::table! {
    /// Passwords tried in vain. Unix milliseconds.
    login_attempts (key_hash) {
        /// Of a name and a network, or of a name.
        key_hash -> Text,
        failures -> BigInt,
        last_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// From where names have logged in lately. Unix milliseconds.
    known_networks (key_hash) {
        /// Of a name and a network.
        key_hash -> Text,
        expires_at -> BigInt,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::joinable!(client_secrets -> clients (client_id));
diesel::allow_tables_to_appear_in_same_query!(users, user_roles, sessions, blocked_statuses);
diesel::allow_tables_to_appear_in_same_query!(clients, client_secrets);
