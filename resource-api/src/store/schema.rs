//! The tables, the same on every engine; `migrations/` says what each column means.
#![expect(missing_docs, reason = "the migrations describe the columns")]

diesel::table! {
    accounts (sub) {
        sub -> Text,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        named_at -> BigInt,
        confirmed_at -> BigInt,
    }
}

diesel::table! {
    posts (id) {
        id -> Text,
        author_sub -> Text,
        content -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        listed_by -> Nullable<Text>,
        listed_id -> Text,
    }
}

diesel::table! {
    follows (id) {
        id -> Text,
        follower_sub -> Text,
        followee_sub -> Text,
        created_at -> BigInt,
        listed_id -> Text,
    }
}

diesel::joinable!(posts -> accounts (author_sub));
diesel::allow_tables_to_appear_in_same_query!(accounts, posts, follows);
