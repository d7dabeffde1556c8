with source as (

    select * from {{ lake('feedback_feedback') }}

),

renamed as (

    select
        -- where the row stands
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(sheet as string) as sheet,
        cast(row as int) as row,
        cast(lake_period as string) as period,
        -- what it says
        cast(template_version as string) as template_version,
        cast(notice_id as string) as notice_id,
        cast(feedback_form as string) as feedback_form,
        cast(signer_post as string) as signer_post,
        cast(is_signed as boolean) as is_signed
    from source

)

select * from renamed
