with source as (

    select * from {{ forms('code_lists') }}

),

renamed as (

    select
        cast(code_list as string) as code_list,
        cast(value_zh as string) as value_zh
    from source

)

select * from renamed
