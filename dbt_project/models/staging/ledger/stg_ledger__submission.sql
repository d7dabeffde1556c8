with source as (

    select * from {{ frozen('submission') }}

),

renamed as (

    select
        cast(submission_id as string) as submission_id,
        cast(batch_id as string) as batch_id,
        cast(channel as string) as channel,
        cast(channel_unit_code as string) as channel_unit_code,
        cast(unit_code as string) as unit_code,
        cast(form as string) as form,
        -- a rejected file may name no period; such files have a folder of their own in the lake
        coalesce(cast(period as string), '{{ var("no_period") }}') as period,
        cast(file_sha256 as string) as file_sha256,
        cast(submitted_at as timestamp) as submitted_at,
        cast(received_at as timestamp) as received_at,
        cast(decided_at as timestamp) as decided_at,
        cast(state as string) as state,
        cast(reason as string) as reason,
        cast(error_count as bigint) as error_count,
        cast(query_count as bigint) as query_count,
        cast(note_count as bigint) as note_count,
        cast(list_row_count as bigint) as list_row_count,
        coalesce(cast(is_locked as boolean), false) as is_locked,
        cast(review_kind as string) as review_kind,
        cast(reviewed_at as timestamp) as reviewed_at,
        cast(reviewed_by as string) as reviewed_by,
        cast(review_reason as string) as review_reason
    from source

)

select * from renamed
