with source as (

    select * from {{ lake('burden') }}

),

renamed as (

    select
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(lake_period as string) as period,
        cast(form as string) as form,
        cast(sheet as string) as sheet,
        cast(layout as string) as layout,
        cast(row_count as integer) as row_count,
        cast(asked_count as integer) as asked_count,
        cast(prefilled_count as integer) as prefilled_count
    from source

)

select * from renamed
