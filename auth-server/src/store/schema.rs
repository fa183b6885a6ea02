//! The tables as Diesel sees them, the same on every engine. Times are Unix seconds unless said otherwise.

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        /// The name in lower case: names are unique without regard to case.
        username_key -> Text,
        email -> Nullable<Text>,
        password_hash -> Text,
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

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, user_roles, sessions, blocked_statuses);
